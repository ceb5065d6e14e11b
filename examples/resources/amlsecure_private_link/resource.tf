# A second way into a workspace, from the network of those who use it. The zones are that network's own: an
# endpoint that wrote its names into the zones of the first would take them from it.
resource "amlsecure_private_link" "workspace" {
  name                = "pe-clients-workspace"
  resource_group_name = "rg-clients"
  location            = "eastasia"
  subnet_id           = var.clients_subnet_id

  private_service_connection {
    private_connection_resource_id = amlsecure_workspace.mlops.id
    subresource_names              = ["amlworkspace"]
  }
  private_dns_zone_group {
    private_dns_zone_ids = var.clients_zone_ids
  }
}

# A storage account of others, whose owner has to approve: the apply ends with the request, and says how it is
# approved. With approval = "awaited" it waits for the owner, and with "managed" the provider approves by itself.
# The workspace's studio may see the endpoint.
resource "amlsecure_private_link" "images" {
  name                          = "pe-images-blob"
  resource_group_name           = amlsecure_resource_group.mlops.name
  location                      = amlsecure_resource_group.mlops.location
  subnet_id                     = amlsecure_network.aml.subnet_ids["endpoints"]
  machine_learning_workspace_id = amlsecure_workspace.mlops.id

  private_service_connection {
    private_connection_resource_id = var.images_storage_account_id
    subresource_names              = ["blob"]
    is_manual_connection           = true
    request_message                = "Training data for mlw-mlops"
  }
  private_dns_zone_group {
    private_dns_zone_ids = amlsecure_private_dns.aml.zone_ids["blob"]
  }
}
