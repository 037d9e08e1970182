#!/usr/bin/env bash
# Starts the installed service as a daemon, in place of the one that runs, and waits until it is
# ready.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=service.sh
. "$here/service.sh"
wait_seconds=15

stage_begin 1 'PREFLIGHT'
if [ -x "$binary" ] && [ -f "$config" ]; then
  echo "installed in $state"
else
  # Bootstrap v4 runs no apply before this script.
  echo "nothing is installed: applying first"
  bash "$here/apply.sh"
fi
stage_complete 1 'PREFLIGHT'

stage_begin 2 'STOP PREVIOUS SERVICE'
stop_service
stage_complete 2 'STOP PREVIOUS SERVICE'

stage_begin 3 'START SERVICE'
settings=()
while IFS= read -r line; do
  case "$line" in PF_*=*) settings+=("$line") ;; esac
done <"$config"
if command -v setsid >/dev/null 2>&1; then
  launcher=(setsid)
else
  # Job control gives it a process group of its own, out of reach of the terminal's Ctrl-C.
  launcher=(nohup)
  set -m
fi
# The daemon holds none of this step's descriptors and not its directory: nobody waits for it.
# `exec` all the way, so that $! is the service itself.
(
  cd "$state"
  for descriptor in /dev/fd/*; do
    descriptor=${descriptor##*/}
    case "$descriptor" in 0 | 1 | 2 | *[!0-9]*) ;; *) eval "exec $descriptor>&-" ;; esac
  done
  exec env ${settings[@]+"${settings[@]}"} "${launcher[@]}" "$binary" --address-file "$address_file"
) </dev/null >"$service_log" 2>&1 &
pid=$!
set +m
printf '%s\n' "$pid" >"$pid_file"
echo "started process $pid"
stage_complete 3 'START SERVICE'

stage_begin 4 'READINESS'
deadline=$((SECONDS + wait_seconds))
until grep -q '^boot ready ' "$service_log" && [ -s "$address_file" ] &&
  "$binary" --probe "$(service_address)" '/healthz?readiness=1' 2>/dev/null; do
  if ! kill -0 "$pid" 2>/dev/null; then
    cat "$service_log" >&2
    rm -f "$pid_file" "$address_file"
    fail "the service ended before it was ready"
  fi
  if [ "$SECONDS" -ge "$deadline" ]; then
    cat "$service_log" >&2
    stop_service
    fail "the service was not ready within $wait_seconds s"
  fi
  sleep 0.05
done
cat "$service_log"
stage_complete 4 'READINESS'
