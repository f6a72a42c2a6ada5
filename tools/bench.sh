#!/bin/sh
# Builds what is measured, in silence unless it fails, and becomes the bench.
log=$(DO_NOT_TRACK=1 turbo run build --filter=@em/bench... --output-logs=errors-only --log-prefix=none 2>&1) || {
  printf '%s\n' "$log" >&2
  exit 1
}
# Packages are installed as they are published. Where there are no compilers for that, the bench says so in its row.
DO_NOT_TRACK=1 turbo run build:prebuilds > /dev/null 2>&1 || true
# The Bun that the packages are tested on, once `pnpm test:runtimes` has fetched it, unless another is named.
for bun in "$PWD"/tools/ci/runtimes/binaries/node_modules/@oven/bun-linux-*/bin/bun; do
  if [ -x "$bun" ] && [ -z "$EM_BENCH_BUN" ]; then
    export EM_BENCH_BUN="$bun"
  fi
done
exec node packages/bench/src/main.ts "$@"
