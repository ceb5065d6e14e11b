import {
  to = amlsecure_private_link.workspace
  id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-mlops/providers/Microsoft.Network/privateEndpoints/pe-clients-workspace"
}
