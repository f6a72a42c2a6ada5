#!/bin/sh
# Builds the packages, prints the log only if that fails, and runs the bench.
log=$(DO_NOT_TRACK=1 turbo run build --filter=@em/bench... --output-logs=errors-only --log-prefix=none 2>&1) || {
  printf '%s\n' "$log" >&2
  exit 1
}
# The bench installs the packed packages. Without the compilers for that, it says so in its row.
DO_NOT_TRACK=1 turbo run build:prebuilds > /dev/null 2>&1 || true
# Uses the Bun that `pnpm test:runtimes` installed, unless the variable names another one.
for bun in "$PWD"/tools/ci/runtimes/binaries/node_modules/@oven/bun-linux-*/bin/bun; do
  if [ -x "$bun" ] && [ -z "$EM_BENCH_BUN" ]; then
    export EM_BENCH_BUN="$bun"
  fi
done
exec node packages/bench/src/main.ts "$@"
