import {
  to = amlsecure_network.aml
  id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-mlops/providers/Microsoft.Network/virtualNetworks/vnet-aml"
}
