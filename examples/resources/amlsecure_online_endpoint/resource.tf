resource "amlsecure_online_endpoint" "score" {
  name                          = "mlops-score"
  machine_learning_workspace_id = amlsecure_workspace.mlops.id
  description                   = "Scores of the current model"
}
