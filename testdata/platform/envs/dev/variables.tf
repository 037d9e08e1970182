variable "cluster_name" {
  type = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]*$", var.cluster_name))
    error_message = "A cluster's name has lower-case letters, digits and hyphens only."
  }
}

variable "cluster_lifecycle" {
  description = "What the apply of a persistent or an ephemeral cluster passes."
  type        = string
  default     = "ephemeral"
  validation {
    condition     = contains(["ephemeral", "persistent"], var.cluster_lifecycle)
    error_message = "The lifecycle is ephemeral or persistent."
  }
}

variable "enable_k8s_resources" {
  description = "Whether resources inside the cluster are managed here."
  type        = bool
  default     = false
}

variable "apply_kubernetes_addons" {
  description = "Whether Terraform installs the add-ons (bootstrap v4) or leaves them to a script."
  type        = bool
  default     = false
}

variable "kubernetes_release" {
  description = "A new value replaces the control plane and the node groups."
  type        = string
  default     = "1.31"
}

variable "node_instance_type" {
  description = "A new value changes the node groups in place."
  type        = string
  default     = "t3.small"
}

variable "node_count" {
  type    = number
  default = 2
}

variable "network_cidr" {
  type    = string
  default = "10.0.0.0/16"
}

variable "service_accounts" {
  type    = list(string)
  default = ["external-dns", "load-balancer"]
}

variable "addons" {
  type    = list(string)
  default = ["argocd", "kong", "metrics-server"]
}

variable "rehearse_failure" {
  description = "Name of a resource (node_group, addon) whose provisioner is to fail: TF_VAR_rehearse_failure=addon."
  type        = string
  default     = ""
}

variable "provisioning_seconds" {
  description = "How long the control plane takes to come up."
  type        = string
  default     = "0.1"
}
