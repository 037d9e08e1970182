# A cluster made of built-in resources only: nothing to download, nothing to pay, and every
# apply and destroy is a real one. `apply` works without `init`, because nothing here needs it.
#
# Each resource stands for one of a real cluster and keeps a small file under `inventory`, so
# that what exists can be seen without Terraform. Values reach the provisioners through the
# environment: none is ever part of a shell's text.

locals {
  inventory = "../../.state/dev/${var.cluster_name}"
  keep      = "mkdir -p \"$(dirname \"$FILE\")\" && printf '%s\\n' \"$CONTENT\" >\"$FILE\""
}

resource "terraform_data" "network" {
  input = {
    file = "${local.inventory}/network"
    cidr = var.network_cidr
  }

  provisioner "local-exec" {
    command     = local.keep
    environment = { FILE = self.input.file, CONTENT = self.input.cidr }
  }
  provisioner "local-exec" {
    when        = destroy
    command     = "rm -f \"$FILE\""
    environment = { FILE = self.input.file }
  }
}

# A new Kubernetes release replaces the control plane and, with it, what stands on it.
resource "terraform_data" "control_plane" {
  triggers_replace = [var.kubernetes_release]
  input = {
    file      = "${local.inventory}/control-plane"
    lifecycle = var.cluster_lifecycle
    network   = terraform_data.network.id
  }

  provisioner "local-exec" {
    command = "sleep \"$SECONDS_TAKEN\" && ${local.keep}"
    environment = {
      FILE          = self.input.file
      CONTENT       = var.kubernetes_release
      SECONDS_TAKEN = var.provisioning_seconds
    }
  }
  provisioner "local-exec" {
    when        = destroy
    command     = "rm -f \"$FILE\""
    environment = { FILE = self.input.file }
  }
}

# A new instance type changes the node groups in place.
resource "terraform_data" "node_group" {
  count            = var.node_count
  triggers_replace = [terraform_data.control_plane.id]
  input = {
    file          = "${local.inventory}/node-group-${count.index}"
    instance_type = var.node_instance_type
  }

  provisioner "local-exec" {
    command = "test \"$REHEARSE_FAILURE\" != node_group && ${local.keep}"
    environment = {
      FILE             = self.input.file
      CONTENT          = "node group ${count.index}"
      REHEARSE_FAILURE = var.rehearse_failure
    }
  }
  provisioner "local-exec" {
    when        = destroy
    command     = "rm -f \"$FILE\""
    environment = { FILE = self.input.file }
  }
}

# What lives inside the cluster: it can only follow the nodes.
resource "terraform_data" "service_account" {
  for_each         = var.enable_k8s_resources ? toset(var.service_accounts) : toset([])
  triggers_replace = [terraform_data.control_plane.id]
  input            = { file = "${local.inventory}/service-account-${each.key}" }
  depends_on       = [terraform_data.node_group]

  provisioner "local-exec" {
    command     = local.keep
    environment = { FILE = self.input.file, CONTENT = each.key }
  }
  provisioner "local-exec" {
    when        = destroy
    command     = "rm -f \"$FILE\""
    environment = { FILE = self.input.file }
  }
}

# Bootstrap v1 to v3 install these themselves; v4 has Terraform do it.
resource "terraform_data" "addon" {
  for_each         = var.apply_kubernetes_addons ? toset(var.addons) : toset([])
  triggers_replace = [terraform_data.control_plane.id]
  input            = { file = "${local.inventory}/addon-${each.key}" }
  depends_on       = [terraform_data.node_group]

  provisioner "local-exec" {
    command = "test \"$REHEARSE_FAILURE\" != addon && ${local.keep}"
    environment = {
      FILE             = self.input.file
      CONTENT          = each.key
      REHEARSE_FAILURE = var.rehearse_failure
    }
  }
  provisioner "local-exec" {
    when        = destroy
    command     = "rm -f \"$FILE\""
    environment = { FILE = self.input.file }
  }
}
