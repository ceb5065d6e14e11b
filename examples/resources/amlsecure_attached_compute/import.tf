import {
  to = amlsecure_attached_compute.gpu
  id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-mlops/providers/Microsoft.MachineLearningServices/workspaces/mlw-mlops/computes/gpu"
}
