resource "amlsecure_inference_cluster" "scoring" {
  name                          = "scoring"
  machine_learning_workspace_id = amlsecure_workspace.mlops.id
  virtual_network_address_space = amlsecure_network.aml.address_space

  kubernetes_cluster {
    name                = "aks-mlops"
    resource_group_name = amlsecure_resource_group.mlops.name

    default_node_pool {
      vm_size        = "Standard_D4s_v5"
      node_count     = 3
      vnet_subnet_id = amlsecure_network.aml.subnet_ids["inference"]
    }
    network_profile {
      service_cidr   = "172.16.0.0/16"
      dns_service_ip = "172.16.0.10"
    }
  }
  ssl {
    cert  = var.scoring_certificate
    key   = var.scoring_key
    cname = "scoring.example.com"
  }
}
