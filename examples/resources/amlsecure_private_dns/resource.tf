resource "amlsecure_private_dns" "aml" {
  resource_group_name = "rg-mlops"
  services            = ["amlworkspace", "blob", "file", "vault", "registry"]
  virtual_network_ids = [amlsecure_network.aml.id]
}
