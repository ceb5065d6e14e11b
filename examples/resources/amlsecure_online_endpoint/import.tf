import {
  to = amlsecure_online_endpoint.score
  id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-mlops/providers/Microsoft.MachineLearningServices/workspaces/mlw-mlops/onlineEndpoints/mlops-score"
}
