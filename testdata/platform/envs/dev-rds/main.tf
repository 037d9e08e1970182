# The databases of `dev`, with a state of their own. The module needs `init`: rds-init runs it.

variable "databases" {
  type = list(string)
}

module "database" {
  source    = "../../modules/database"
  for_each  = toset(var.databases)
  name      = each.key
  directory = "../../.state/dev"
}

output "databases" {
  value = [for database in module.database : database.name]
}
