#!/usr/bin/env bash
# Builds the sample service and installs it, with its configuration, into the state directory.
set -euo pipefail
# shellcheck source=service.sh
. "$(dirname "${BASH_SOURCE[0]}")/service.sh"
workspace=$(cd "$platform/../.." && pwd -P)

added=0
changed=0

# install_file NAME FILE TARGET: replaces TARGET by FILE if they differ, in one rename, so that a
# running service keeps the binary that it was started from.
install_file() {
  local began=$SECONDS verb='Creation' doing='Creating' id
  id=$(cksum <"$2" | cut -d ' ' -f 1)
  if [ -f "$3" ]; then
    if cmp -s "$2" "$3"; then
      echo "$1: Unchanged [id=$id]"
      rm -f "$2"
      return
    fi
    verb='Modifications' doing='Modifying'
  fi
  echo "$1: $doing..."
  mv -f "$2" "$3"
  if [ "$verb" = Creation ]; then added=$((added + 1)); else changed=$((changed + 1)); fi
  echo "$1: $verb complete after $((SECONDS - began))s [id=$id]"
}

mkdir -p "$state"
draft=$(mktemp -d "$state/.apply.XXXXXX")
trap 'rm -rf "$draft"' EXIT

# Cargo says where the binary is: the target directory can be moved in several ways.
(cd "$workspace" && cargo build --locked -p timing-core --example sample-service \
  --message-format json-render-diagnostics) >"$draft/messages"
built=$(sed -n 's/^{"reason":"compiler-artifact".*"name":"sample-service".*"executable":"\([^"]*\)".*/\1/p' \
  "$draft/messages" | tail -n 1)
[ -x "$built" ] || fail "cargo built no sample-service in $workspace"
cp "$built" "$draft/sample-service"
chmod 755 "$draft/sample-service"

# What the service is to be started with: the user's values, or the baseline.
{
  echo "PF_LISTEN=${PF_LISTEN:-127.0.0.1:0}"
  echo "PF_ORCH_ENABLED=${PF_ORCH_ENABLED:-true}"
  echo "PF_CACHE_ENABLED=${PF_CACHE_ENABLED:-false}"
  echo "PF_POLICY_ENABLED=${PF_POLICY_ENABLED:-false}"
  echo "PF_TRACING_ENABLED=${PF_TRACING_ENABLED:-false}"
  echo "PF_METRICS_ENABLED=${PF_METRICS_ENABLED:-true}"
} >"$draft/service.env"

install_file service.binary "$draft/sample-service" "$binary"
install_file service.configuration "$draft/service.env" "$config"

echo
echo "Apply complete! Resources: $added added, $changed changed, 0 destroyed."
