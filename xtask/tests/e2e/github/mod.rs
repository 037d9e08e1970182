//! What GitHub's runner gets of a run: the page of a step, and annotations.

mod annotations;
mod page;
mod publish;

use crate::support::Scene;

/// A deployment whose bootstrap exits with `code`; nothing else takes a program.
fn deployment(code: u8) -> Scene {
    let prints = "echo '=== Stage 1: Terraform Apply ==='; \
        echo 'module.eks.aws_eks_cluster.this: Creating...'; \
        echo 'module.eks.aws_eks_cluster.this: Creation complete after 1s [id=x]'; \
        echo 'Apply complete! Resources: 1 added, 0 changed, 0 destroyed.'";
    let bootstrap = format!("printf 'no end of a line'; exit {code}");
    Scene::new()
        .recorders()
        .step("apply", &["sh", "-c", prints])
        .step("bootstrap", &["sh", "-c", &bootstrap])
        .committed()
}

/// Without the databases.
const DEPLOY: [&str; 3] = ["deploy-persistent", "ENV=dev", "CREATE_RDS=false"];
