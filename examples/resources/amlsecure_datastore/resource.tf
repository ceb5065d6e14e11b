# Data that jobs read as themselves, and the studio as the workspace.
resource "amlsecure_datastore" "images" {
  name                 = "images"
  workspace_id         = amlsecure_workspace.mlops.id
  type                 = "AzureBlob"
  storage_container_id = "${var.images_storage_account_id}/blobServices/default/containers/images"
}

# A lake that jobs sign in to as an application. The secret is sent and stored nowhere; another version sends it again.
resource "amlsecure_datastore" "lake" {
  name                 = "lake"
  workspace_id         = amlsecure_workspace.mlops.id
  type                 = "AzureDataLakeGen2"
  storage_container_id = "${var.lake_storage_account_id}/blobServices/default/containers/curated"

  credentials {
    type          = "ServicePrincipal"
    tenant_id     = var.tenant_id
    client_id     = var.lake_client_id
    client_secret = var.lake_client_secret
    version       = 1
  }
}
