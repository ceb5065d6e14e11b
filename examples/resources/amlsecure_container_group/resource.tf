resource "amlsecure_container_group" "score" {
  name                          = "aci-score"
  resource_group_name           = amlsecure_resource_group.mlops.name
  location                      = amlsecure_resource_group.mlops.location
  machine_learning_workspace_id = amlsecure_workspace.mlops.id
  subnet_ids                    = [amlsecure_network.aml.subnet_ids["instances"]]

  container {
    name   = "score"
    image  = "mcr.microsoft.com/azureml/minimal-inference:1"
    cpu    = 0.5
    memory = 1.5

    ports {
      port = 5001
    }
  }
}
