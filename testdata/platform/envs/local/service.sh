# Where the local service lives and how it is recognised. To be sourced; sets no options.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the scripts that source this use them

platform=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=../../scripts/stages.sh
. "$platform/scripts/stages.sh"

state="$platform/.state/local"
binary="$state/sample-service"
config="$state/service.env"
address_file="$state/address"
pid_file="$state/pid"
service_log="$state/service.log"

# The command line of process $1, or nothing.
command_of() {
  if [ -r "/proc/$1/cmdline" ]; then
    # A process that ends between test and read is one that is not there.
    { tr '\0' ' ' <"/proc/$1/cmdline"; } 2>/dev/null || true
  else
    ps -ww -p "$1" -o command= 2>/dev/null || true
  fi
}

# Whether process $1 is the service that runs from this state directory: process ids are
# reused, so that a number in a file proves nothing.
is_ours() {
  case "$1" in '' | *[!0-9]*) return 1 ;; esac
  case "$(command_of "$1")" in "$binary --address-file $address_file"*) return 0 ;; esac
  return 1
}

# Prints the process id of the running service, or nothing.
running_pid() {
  local pid=''
  if [ -f "$pid_file" ]; then
    read -r pid <"$pid_file" || true
    if is_ours "$pid"; then printf '%s' "$pid"; fi
  fi
}

# Stops the running service, if there is one; succeeds once it is gone.
stop_service() {
  local pid tries=0
  pid=$(running_pid)
  if [ -z "$pid" ]; then
    if [ -s "$pid_file" ]; then
      echo "process $(cat "$pid_file") is not this service (any more): left alone"
    else
      echo "no service is running"
    fi
  else
    echo "stopping process $pid"
    kill -TERM "$pid" 2>/dev/null || true
    while is_ours "$pid"; do
      tries=$((tries + 1))
      if [ "$tries" -eq 50 ]; then
        echo "process $pid ignores SIGTERM: killing it"
        kill -KILL "$pid" 2>/dev/null || true
      fi
      if [ "$tries" -gt 70 ]; then fail "process $pid cannot be stopped"; fi
      sleep 0.1
    done
    echo "process $pid stopped"
  fi
  rm -f "$pid_file" "$address_file"
}

# Prints the address the service listens on.
service_address() {
  [ -s "$address_file" ] || fail "the service has no address: run envs/local/bootstrap.sh"
  head -n 1 "$address_file"
}
