# The persistent targets, each delegated to xtask, which documents them: `cargo xtask --help`.
#
# xtask reads the variables from its environment. make puts those of its own command line there
# and passes on those it found there. No default is set here, because it would beat xtask.toml,
# and no value is expanded into a recipe, because the shell would run what is in it.

XTASK ?= cargo xtask

TARGETS := deploy-persistent apply-persistent bootstrap-persistent bootstrap-persistent-v4 \
  rds-init rds-apply rds-deploy verify teardown-persistent

VARIABLES := TF_BIN ENV REGION TF_DIR BOOTSTRAP_VERSION KONG_NAMESPACE NODE_INSTANCE_TYPE \
  ENV_NAME SKIP_CERT_MANAGER_VALIDATION SKIP_ARGO_SYNC_WAIT COMPACT_OUTPUT \
  SCALE_DOWN_AFTER_BOOTSTRAP CLEANUP_ORPHANS TF_AUTO_APPROVE CREATE_RDS RESTORE_SECRETS \
  CONFIRM_DESTROY PERSISTENT_CLUSTER

# A value of the command line is text: `ENV='$(shell …)'` reaches xtask, and its refusal, as it
# was typed. (make leaves values that come from the environment alone.)
$(foreach variable,$(VARIABLES),$(if $(findstring command,$(origin $(variable))), \
  $(eval override $(variable) := $$(value $(variable)))$(eval export $(variable))))

# xtask is no make: it must not take part in a jobserver that make did not prepare for it.
unexport MAKEFLAGS MFLAGS MAKEOVERRIDES

.DEFAULT_GOAL := help
# Two goals are two deployments, one after the other, whatever -j says.
.NOTPARALLEL:
.PHONY: help $(TARGETS) _phase3-verify

$(TARGETS):
	$(XTASK) $@

_phase3-verify:
	$(XTASK) verify

define HELP
Persistent deployments, each timed and recorded:

  make deploy-persistent        apply, databases, bootstrap, verify: in the order of the version
  make apply-persistent         terraform apply
  make bootstrap-persistent     the bootstrap script of BOOTSTRAP_VERSION
  make bootstrap-persistent-v4  the v4 script, which runs Terraform itself
  make rds-init                 terraform init for the databases
  make rds-apply                terraform apply for the databases
  make rds-deploy               init, secrets, apply and provisioning of the databases
  make verify                   look at what was deployed (also: _phase3-verify)
  make teardown-persistent      destroy it; needs CONFIRM_DESTROY=yes

Variables, on the command line or in the environment:

  $(wordlist 1,6,$(VARIABLES))
  $(wordlist 7,10,$(VARIABLES))
  $(wordlist 11,15,$(VARIABLES))
  $(wordlist 16,99,$(VARIABLES))

Example: make deploy-persistent ENV=dev BOOTSTRAP_VERSION=v4 CREATE_RDS=false
Without make: $(XTASK) deploy-persistent ENV=dev
endef

help:
	@:$(info $(HELP))
