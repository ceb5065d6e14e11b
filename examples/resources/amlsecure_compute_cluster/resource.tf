resource "amlsecure_compute_cluster" "cpu" {
  name                          = "cpu"
  machine_learning_workspace_id = amlsecure_workspace.mlops.id
  subnet_resource_id            = amlsecure_network.aml.subnet_ids["training"]
  vm_size                       = "Standard_DS3_v2"
  vm_priority                   = "LowPriority"

  scale_settings {
    min_node_count                       = 0
    max_node_count                       = 3
    scale_down_nodes_after_idle_duration = "PT30S"
  }
  identity {
    type = "SystemAssigned"
  }
}
