resource "amlsecure_databricks_workspace" "spark" {
  name                = "dbw-mlops"
  resource_group_name = amlsecure_resource_group.mlops.name
  location            = amlsecure_resource_group.mlops.location

  custom_parameters {
    virtual_network_id            = amlsecure_network.aml.id
    public_subnet_name            = "databricks-public"
    private_subnet_name           = "databricks-private"
    machine_learning_workspace_id = amlsecure_workspace.mlops.id
  }
  back_end {
    subnet_id            = amlsecure_network.aml.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.aml.zone_ids["databricks_ui_api"]
  }
}
