terraform {
  required_providers {
    amlsecure = {
      source = "amlsecure/amlsecure"
    }
  }
}

# Signs in with the Azure CLI, or as the ARM_* variables say.
provider "amlsecure" {
  subscription_id = "11111111-2222-3333-4444-555555555555"

  default_tags = {
    cost-centre = "mlops"
  }
}
