# A machine that Azure Machine Learning signs in to with a key, which is sent and stored nowhere.
resource "amlsecure_attached_compute" "gpu" {
  name                          = "gpu"
  machine_learning_workspace_id = amlsecure_workspace.mlops.id

  virtual_machine {
    virtual_machine_id = var.virtual_machine_id
    address            = "10.10.7.4"

    administrator_account {
      username         = "azureuser"
      private_key_data = var.machine_key
      version          = 1
    }
  }
}

# Databricks that others keep; their token is sent again with every new version.
resource "amlsecure_attached_compute" "spark" {
  name                          = "spark"
  machine_learning_workspace_id = amlsecure_workspace.mlops.id

  databricks {
    databricks_workspace_id = var.databricks_workspace_id
    access_token            = var.databricks_token
    version                 = 1
  }
}
