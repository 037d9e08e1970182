#!/usr/bin/env bash
# Restores deleted secrets of an environment's databases, before Terraform would make new ones
# that do not open the old data.
# usage: rds_secrets_preflight.sh ENVIRONMENT, from the platform's root
set -euo pipefail
# shellcheck source=stages.sh
. "$(dirname "${BASH_SOURCE[0]}")/stages.sh"

[ $# -eq 1 ] || fail "usage: $0 ENVIRONMENT"
safe_name environment "$1"
[ -d "envs/$1-rds" ] || fail "envs/$1-rds does not exist: environment $1 has no databases"
state=".state/$1"

declared_databases "$1" | while IFS= read -r name; do
  safe_name database "$name"
  if [ -s "$state/secrets/$name" ]; then
    echo "secret $name: in place"
  elif [ -s "$state/secrets-deleted/$name" ]; then
    mkdir -p "$state/secrets"
    mv "$state/secrets-deleted/$name" "$state/secrets/$name"
    echo "secret $name: restored"
  else
    echo "secret $name: will be created"
  fi
done
