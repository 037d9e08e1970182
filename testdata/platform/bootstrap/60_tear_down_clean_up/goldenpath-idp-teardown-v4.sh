#!/usr/bin/env bash
# Destroys a cluster and, where it is told to, what belongs to it.
# usage: goldenpath-idp-teardown-v4.sh CLUSTER REGION, from the platform's root
# environment: TF_DIR; TEARDOWN_CONFIRM=true, without which nothing happens; TF_AUTO_APPROVE
#   REMOVE_K8S_SA_FROM_STATE  forget the service accounts: they die with the cluster
#   DELETE_RDS_INSTANCES      destroy the databases (RDS_SKIP_FINAL_SNAPSHOT: keep no copy)
#   DELETE_SECRETS            delete the secrets; the secrets preflight can restore them
#   CLEANUP_ORPHANS           remove what Terraform no longer knows
set -euo pipefail
# shellcheck source=../../scripts/stages.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/stages.sh"

[ $# -eq 2 ] || fail "usage: $0 CLUSTER REGION"
cluster=$1 region=$2
[ "${TEARDOWN_CONFIRM:-}" = true ] || fail "nothing was destroyed: TEARDOWN_CONFIRM is not 'true'"
[ -n "${TF_DIR:-}" ] || fail "TF_DIR, the Terraform root of the cluster, is not set"
environment=${TF_DIR##*/}
safe_name environment "$environment"
safe_name cluster "$cluster"
choose_terraform
state=".state/$environment"
approve=()
if [ "${TF_AUTO_APPROVE:-false}" = true ]; then approve=(-auto-approve); fi

destroy() { "$TF_BIN" -chdir="$1" destroy ${approve[@]+"${approve[@]}"}; }

teardown_stage_begin 1 'PREFLIGHT'
found=$(cluster_in "$TF_DIR")
# Without an output the state is empty or the apply failed midway: what there is, is destroyed.
[ -z "$found" ] || [ "$found" = "$cluster" ] ||
  fail "nothing was destroyed: $TF_DIR holds the cluster $found, not $cluster"
resources=$("$TF_BIN" -chdir="$TF_DIR" state list 2>/dev/null) || resources=''
count=$(printf '%s' "$resources" | grep -c . || true)
echo "cluster $cluster in $region: $count resources in the state of $TF_DIR"
teardown_stage_complete 1 'PREFLIGHT'

teardown_stage_begin 2 'KUBERNETES RESOURCES'
if [ -d "$state/$cluster/manifests" ]; then
  teardown_step DELETE_MANIFESTS "$state/$cluster/manifests"
  rm -rf "$state/$cluster/manifests"
fi
accounts=$(printf '%s\n' "$resources" | grep '^terraform_data\.service_account' || true)
if [ "${REMOVE_K8S_SA_FROM_STATE:-false}" = true ] && [ -n "$accounts" ]; then
  while IFS= read -r account; do
    teardown_step REMOVE_FROM_STATE "$account"
    "$TF_BIN" -chdir="$TF_DIR" state rm "$account" </dev/null
  done <<<"$accounts"
fi
teardown_stage_complete 2 'KUBERNETES RESOURCES'

teardown_stage_begin 3 'DATABASES'
if [ "${DELETE_RDS_INSTANCES:-false}" != true ]; then
  echo "kept: DELETE_RDS_INSTANCES is not 'true'"
elif [ ! -f "$TF_DIR-rds/terraform.tfstate" ]; then
  echo "nothing to do: $TF_DIR-rds has no state"
else
  if [ "${RDS_SKIP_FINAL_SNAPSHOT:-false}" != true ] && [ -d "$state/rds" ]; then
    snapshot="$state/snapshots/$(date -u +%Y%m%dT%H%M%SZ)"
    teardown_step SNAPSHOT "$snapshot"
    mkdir -p "$state/snapshots"
    cp -R "$state/rds" "$snapshot"
  fi
  teardown_step DELETE_RDS "$TF_DIR-rds"
  "$TF_BIN" -chdir="$TF_DIR-rds" init -input=false
  destroy "$TF_DIR-rds"
fi
teardown_stage_complete 3 'DATABASES'

teardown_stage_begin 4 'TERRAFORM DESTROY'
destroy "$TF_DIR"
teardown_stage_complete 4 'TERRAFORM DESTROY'

teardown_stage_begin 5 'SECRETS'
if [ "${DELETE_SECRETS:-false}" != true ]; then
  echo "kept: DELETE_SECRETS is not 'true'"
elif [ -d "$state/secrets" ]; then
  mkdir -p "$state/secrets-deleted"
  for secret in "$state/secrets"/*; do
    [ -f "$secret" ] || continue
    teardown_step DELETE_SECRET "${secret##*/}"
    mv -f "$secret" "$state/secrets-deleted/"
  done
fi
teardown_stage_complete 5 'SECRETS'

teardown_stage_begin 6 'ORPHANS'
orphans=''
if [ -d "$state/$cluster" ]; then orphans=$(find "$state/$cluster" -type f); fi
if [ -z "$orphans" ]; then
  echo "none"
elif [ "${CLEANUP_ORPHANS:-false}" = true ]; then
  teardown_step CLEANUP_ORPHANS "$state/$cluster"
  rm -rf "${state:?}/$cluster"
else
  printf 'left (CLEANUP_ORPHANS is not true):\n%s\n' "$orphans"
fi
teardown_stage_complete 6 'ORPHANS'
