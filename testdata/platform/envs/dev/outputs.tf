output "cluster_name" {
  value = var.cluster_name
}
