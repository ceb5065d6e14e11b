resource "amlsecure_batch_endpoint" "nightly" {
  name                          = "mlops-nightly"
  machine_learning_workspace_id = amlsecure_workspace.mlops.id
  description                   = "Scores of everything, every night"
}
