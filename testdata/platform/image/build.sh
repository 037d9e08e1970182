#!/usr/bin/env bash
# build.sh [TAG]: builds the sample service as a static binary, and an image of it alone.
set -euo pipefail
platform=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../scripts/stages.sh
. "$platform/scripts/stages.sh"
tag=${1:-sample-service:budget}
main=$platform/../../timing-core/examples/sample-service/main.rs

# Asked first: without an engine nothing is worth compiling.
command -v docker >/dev/null || fail 'docker is not installed'
docker version --format '{{.Server.Version}}' >/dev/null || fail 'no Docker engine answers'

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

# The service needs the standard library alone, so that the compiler can do without cargo, which
# would build the tests' libraries too. An image without a C library needs a binary with one in it.
rustc --edition 2024 --crate-name sample_service -C opt-level=3 -C strip=symbols \
  -C target-feature=+crt-static -o "$context/sample-service" "$main"
docker build --quiet --tag "$tag" --file "$platform/image/Dockerfile" "$context"
