#!/usr/bin/env bash
# Stops the service that this state directory started, and removes the directory.
set -euo pipefail
# shellcheck source=service.sh
. "$(dirname "${BASH_SOURCE[0]}")/service.sh"

if [ ! -d "$state" ]; then
  echo "nothing to do: $state does not exist"
  exit 0
fi

teardown_stage_begin 1 'STOP SERVICE'
stop_service
teardown_stage_complete 1 'STOP SERVICE'

teardown_stage_begin 2 'REMOVE STATE'
destroyed=0
for resource in "$binary" "$config"; do
  if [ -f "$resource" ]; then
    teardown_step REMOVE "$resource"
    rm -f "$resource"
    destroyed=$((destroyed + 1))
  fi
done
rm -rf "$state"
teardown_stage_complete 2 'REMOVE STATE'

echo
echo "Destroy complete! Resources: $destroyed destroyed."
