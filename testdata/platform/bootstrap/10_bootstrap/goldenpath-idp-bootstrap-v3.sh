#!/usr/bin/env bash
# Puts the platform's manifests into a cluster that Terraform has made.
# usage: goldenpath-idp-bootstrap-v3.sh CLUSTER REGION KONG_NAMESPACE, from the platform's root
#
# The cluster is one of built-in Terraform resources, so a manifest is a file under
# `.state/<environment>/<cluster>/manifests`; nothing outside the platform's root is touched.
set -euo pipefail
# shellcheck source=../../scripts/stages.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/stages.sh"

[ $# -eq 3 ] || fail "usage: $0 CLUSTER REGION KONG_NAMESPACE"
cluster=$1 region=$2 kong_namespace=$3
[ -n "${TF_DIR:-}" ] || fail "TF_DIR, the Terraform root of the cluster, is not set"
environment=${TF_DIR##*/}
safe_name environment "$environment"
safe_name cluster "$cluster"
safe_name namespace "$kong_namespace"
manifests=".state/$environment/$cluster/manifests"

# manifest NAMESPACE NAME TEXT: writes one manifest, says what that changed.
manifest() {
  local file="$manifests/$1/$2.yaml" verb=created
  if [ -f "$file" ]; then verb=configured; fi
  mkdir -p "$manifests/$1"
  printf 'name: %s\nnamespace: %s\n%s\n' "$2" "$1" "$3" >"$file.draft"
  if cmp -s "$file.draft" "$file"; then verb=unchanged; fi
  mv -f "$file.draft" "$file"
  echo "$1/$2 $verb"
}

stage_begin 1 'PREFLIGHT'
choose_terraform
found=$(cluster_in "$TF_DIR")
[ "$found" = "$cluster" ] ||
  fail "$TF_DIR holds ${found:-no cluster}, not $cluster: run apply-persistent first"
echo "cluster $cluster in $region, environment ${ENV_NAME:-$environment}"
stage_complete 1 'PREFLIGHT'

stage_begin 2 'NODES'
manifest kube-system node-pool "instance_type: ${NODE_INSTANCE_TYPE:-t3.small}"
stage_complete 2 'NODES'

stage_begin 3 'ARGOCD'
manifest argocd argocd-server 'replicas: 1'
stage_complete 3 'ARGOCD'

stage_begin 4 'KONG'
manifest "$kong_namespace" kong 'replicas: 1'
stage_complete 4 'KONG'

stage_begin 5 'METRICS SERVER'
manifest kube-system metrics-server 'replicas: 1'
stage_complete 5 'METRICS SERVER'

stage_begin 6 'CERT MANAGER'
manifest cert-manager cert-manager 'replicas: 1'
if [ "${SKIP_CERT_MANAGER_VALIDATION:-true}" = true ]; then
  echo "validation skipped"
else
  grep -q '^replicas: 1$' "$manifests/cert-manager/cert-manager.yaml"
  echo "cert-manager/cert-manager valid"
fi
stage_complete 6 'CERT MANAGER'

stage_begin 7 'SYNC'
if [ "${SKIP_ARGO_SYNC_WAIT:-true}" = true ]; then
  echo "not waited for"
else
  count=$(find "$manifests" -name '*.yaml' | wc -l)
  echo "$((count)) manifests in place"
fi
stage_complete 7 'SYNC'

if [ "${SCALE_DOWN_AFTER_BOOTSTRAP:-false}" = true ]; then
  stage_begin 8 'SCALE DOWN'
  manifest argocd argocd-server 'replicas: 0'
  manifest "$kong_namespace" kong 'replicas: 0'
  stage_complete 8 'SCALE DOWN'
fi
