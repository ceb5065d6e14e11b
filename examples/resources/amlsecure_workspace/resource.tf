resource "amlsecure_workspace" "mlops" {
  name                     = "mlw-mlops"
  resource_group_name      = "rg-mlops"
  location                 = "eastasia"
  image_build_compute_name = "cpu"

  storage_account {
    name = "stmlops0001"
  }
  key_vault {
    name = "kv-mlops-0001"
  }
  container_registry {
    name = "crmlops0001"
  }
  application_insights {
    name = "appi-mlops"
  }
  private_endpoint {
    subnet_id            = amlsecure_network.aml.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.aml.zone_ids
  }
}
