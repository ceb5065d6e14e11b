import {
  to = amlsecure_container_group.score
  id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-mlops/providers/Microsoft.ContainerInstance/containerGroups/aci-score"
}
