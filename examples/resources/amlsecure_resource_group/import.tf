import {
  to = amlsecure_resource_group.mlops
  id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-mlops"
}
