# Banners of the three kinds that deployment scripts print. To be sourced; sets no options.
# shellcheck shell=bash

utc_now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# v4 bootstrap: a stage is one line; the next one ends it.
stamped_stage() { printf '[%s] === %s ===\n' "$(utc_now)" "$*"; }
stamped() { printf '[%s] %s\n' "$(utc_now)" "$*"; }

# v1-v3 bootstrap: `stage_begin 5 'METRICS SERVER'`.
stage_begin() { printf '\nSTAGE %s: %s\n' "$1" "$2"; }
stage_complete() { printf 'STAGE %s %s COMPLETE\n' "$1" "$2"; }

# Teardown: `teardown_stage_begin 7 'TERRAFORM DESTROY'`.
teardown_stage_begin() {
  local rule='================================================================'
  printf '\n%s\nSTAGE %s: %s\n%s\nStarted: %s\n' "$rule" "$1" "$2" "$rule" "$(utc_now)"
}
teardown_stage_complete() {
  printf -- '------------- STAGE %s COMPLETE: %s -------------\nCompleted: %s\n' \
    "$1" "$2" "$(utc_now)"
}
teardown_step() { printf '[STEP: %s] %s\n' "$1" "$2"; }

# Sets TF_BIN: the user's choice, or terraform, or tofu where that is all there is.
choose_terraform() {
  if [ -z "${TF_BIN:-}" ]; then
    TF_BIN=terraform
    if ! command -v terraform >/dev/null 2>&1 && command -v tofu >/dev/null 2>&1; then
      TF_BIN=tofu
    fi
  fi
  command -v "$TF_BIN" >/dev/null 2>&1 ||
    fail "'$TF_BIN' was not found: install Terraform or OpenTofu, or name one in TF_BIN"
  export TF_BIN
}


# Prints the name of the cluster that Terraform root $1 holds, or nothing. Terraform says "no
# outputs" on stdout and exits with 0, so that only what can be a name counts.
cluster_in() {
  local found
  found=$("$TF_BIN" -chdir="$1" output -raw cluster_name 2>/dev/null) || found=''
  case "$found" in *[!a-z0-9-]*) found='' ;; esac
  printf '%s' "$found"
}

# A name that becomes part of a path: `safe_name environment "$1"`.
safe_name() {
  case "$2" in
    '' | [!a-z0-9]* | *[!a-z0-9-]*) fail "'$2' is not a name of an $1: a-z, 0-9 and '-' only" ;;
  esac
}

# The databases that environment $1 declares, one a line.
declared_databases() {
  local file="envs/$1-rds/terraform.tfvars"
  if [ -f "$file" ]; then
    sed -n 's/^[[:space:]]*databases[[:space:]]*=[[:space:]]*\[\(.*\)\].*/\1/p' "$file" |
      tr -d ' "' | tr ',' '\n'
  fi
}
