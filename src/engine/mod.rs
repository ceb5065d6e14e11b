//! Observes a graph in Azure, plans the steps that bring Azure to it, and
//! takes them. It knows kinds and the ARM client, and no Terraform.

pub mod graph;
