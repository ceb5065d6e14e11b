resource "amlsecure_resource_group" "mlops" {
  name     = "rg-mlops"
  location = "eastasia"
}
