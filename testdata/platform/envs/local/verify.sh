#!/usr/bin/env bash
# Asks the running service whether it is alive and ready.
set -euo pipefail
# shellcheck source=service.sh
. "$(dirname "${BASH_SOURCE[0]}")/service.sh"

pid=$(running_pid)
[ -n "$pid" ] || fail "no service is running: run envs/local/bootstrap.sh"
address=$(service_address)
echo "process $pid listens on $address"
for path in '/healthz' '/healthz?readiness=1'; do
  printf 'GET %s: ' "$path"
  "$binary" --probe "$address" "$path"
done
