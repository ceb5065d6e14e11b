data "amlsecure_workspace" "mlops" {
  name                = "mlw-mlops"
  resource_group_name = "rg-mlops"
}

output "discovery_url" {
  value = data.amlsecure_workspace.mlops.discovery_url
}
