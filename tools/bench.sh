#!/bin/sh
# Builds the packages, prints the log only if that fails, and runs the bench.
log=$(DO_NOT_TRACK=1 turbo run build --filter=@em/bench... --output-logs=errors-only --log-prefix=none 2>&1) || {
  printf '%s\n' "$log" >&2
  exit 1
}
# The bench installs the packed packages. Without the compilers for both architectures, it packs the addon of this one.
DO_NOT_TRACK=1 turbo run build:prebuilds > /dev/null 2>&1 || true
exec node packages/bench/src/main.ts "$@"
