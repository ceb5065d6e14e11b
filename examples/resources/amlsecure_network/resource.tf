resource "amlsecure_network" "aml" {
  name                = "vnet-aml"
  resource_group_name = "rg-mlops"
  location            = "eastasia"
  address_space       = ["10.10.0.0/16"]

  subnet {
    name             = "endpoints"
    purpose          = "private_endpoints"
    address_prefixes = ["10.10.0.0/26"]
  }
  subnet {
    name             = "training"
    purpose          = "training"
    address_prefixes = ["10.10.1.0/24"]
  }

  egress {
    type = "nat_gateway"
  }
}
