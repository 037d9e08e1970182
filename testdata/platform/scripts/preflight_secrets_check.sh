#!/usr/bin/env bash
# Checks that every database of an environment has a secret that only its owner can read.
# usage: preflight_secrets_check.sh ENVIRONMENT, from the platform's root
set -euo pipefail
# shellcheck source=stages.sh
. "$(dirname "${BASH_SOURCE[0]}")/stages.sh"

[ $# -eq 1 ] || fail "usage: $0 ENVIRONMENT"
safe_name environment "$1"
state=".state/$1"
checked=0
missing=0

for instance in "$state/rds"/*; do
  [ -f "$instance" ] || continue
  name=${instance##*/}
  checked=$((checked + 1))
  if [ ! -s "$state/secrets/$name" ]; then
    echo "secret $name: missing" >&2
    missing=$((missing + 1))
  elif [ -n "$(find "$state/secrets/$name" -perm -004)" ]; then
    echo "secret $name: readable by everyone" >&2
    missing=$((missing + 1))
  else
    echo "secret $name: in place"
  fi
done

echo "$checked databases, $missing without a proper secret"
[ "$missing" -eq 0 ]
