#!/usr/bin/env bash
# v2 has the arguments and the effect of v3.
exec bash "$(dirname "${BASH_SOURCE[0]}")/goldenpath-idp-bootstrap-v3.sh" "$@"
