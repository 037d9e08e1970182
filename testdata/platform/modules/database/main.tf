# A database instance and the secret that opens it, as built-in resources.

variable "name" {
  type = string
}

variable "directory" {
  description = "Where the instance and its secret are kept."
  type        = string
}

resource "terraform_data" "instance" {
  input = { file = "${var.directory}/rds/${var.name}" }

  provisioner "local-exec" {
    command     = "mkdir -p \"$(dirname \"$FILE\")\" && : >\"$FILE\""
    environment = { FILE = self.input.file }
  }
  provisioner "local-exec" {
    when        = destroy
    command     = "rm -f \"$FILE\""
    environment = { FILE = self.input.file }
  }
}

# The secret outlives the instance: teardown deletes it only when it is told to.
resource "terraform_data" "secret" {
  input = { file = "${var.directory}/secrets/${var.name}" }

  provisioner "local-exec" {
    command     = <<-SHELL
      umask 077 && mkdir -p "$(dirname "$FILE")" &&
        { test -s "$FILE" || od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$FILE"; }
    SHELL
    environment = { FILE = self.input.file }
  }
}

output "name" {
  value      = var.name
  depends_on = [terraform_data.instance, terraform_data.secret]
}
