#!/usr/bin/env bash
# Brings the schema of an environment's databases up to date.
# usage: rds_provision.sh ENVIRONMENT MODE, from the platform's root
set -euo pipefail
# shellcheck source=stages.sh
. "$(dirname "${BASH_SOURCE[0]}")/stages.sh"
schema_version=1

[ $# -eq 2 ] || fail "usage: $0 ENVIRONMENT MODE"
safe_name environment "$1"
[ "$2" = standalone ] || fail "RDS_MODE '$2' is not known: standalone"

count=0
for instance in ".state/$1/rds"/*; do
  [ -f "$instance" ] || continue
  count=$((count + 1))
  if grep -q "^schema=$schema_version\$" "$instance"; then
    echo "${instance##*/}: schema $schema_version, nothing to do"
  else
    printf 'schema=%s\n' "$schema_version" >"$instance"
    echo "${instance##*/}: migrated to schema $schema_version"
  fi
done
[ "$count" -gt 0 ] || fail "environment $1 has no database: run rds-apply first"
