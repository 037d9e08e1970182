#!/usr/bin/env bash
# Makes the cluster and what lives inside it, in two passes of Terraform: what is inside can only
# be planned once the cluster is there.
# environment: TF_DIR REGION LIFECYCLE BUILD_ID TF_AUTO_APPROVE SKIP_ARGO_SYNC_WAIT
set -euo pipefail
# shellcheck source=../../scripts/stages.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/stages.sh"

[ -n "${TF_DIR:-}" ] || fail "TF_DIR, the Terraform root of the cluster, is not set"
choose_terraform
approve=()
if [ "${TF_AUTO_APPROVE:-false}" = true ]; then approve=(-auto-approve); fi

apply() {
  "$TF_BIN" -chdir="$TF_DIR" apply ${approve[@]+"${approve[@]}"} \
    -var="cluster_lifecycle=${LIFECYCLE:-persistent}" \
    -var=enable_k8s_resources=true -var=apply_kubernetes_addons=true "$@"
}

stamped "build ${BUILD_ID:-persistent} of $TF_DIR in ${REGION:-no region}"
stamped_stage 'Stage 1: Terraform Apply'
"$TF_BIN" -chdir="$TF_DIR" init -input=false
stamped_stage 'Pass 1/2: Cluster'
# Targets, not switches: a second run must not take away what the second pass made.
apply -target=terraform_data.node_group
stamped_stage 'Pass 2/2: Kubernetes resources'
apply

stamped_stage 'Stage 2: Verification'
resources=$("$TF_BIN" -chdir="$TF_DIR" state list)
addons=$(printf '%s\n' "$resources" | grep -c '^terraform_data\.addon' || true)
if [ "${SKIP_ARGO_SYNC_WAIT:-true}" = true ]; then
  stamped "$addons add-ons in the state; their sync is not waited for"
else
  [ "$addons" -gt 0 ] || fail "the state of $TF_DIR holds no add-on"
  stamped "$addons add-ons in the state"
fi
stamped 'Bootstrap complete'
