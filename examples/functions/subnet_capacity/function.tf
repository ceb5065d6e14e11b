output "nodes_that_fit" {
  value = provider::amlsecure::subnet_capacity("10.0.1.0/24") # 251
}
