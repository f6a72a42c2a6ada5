#!/bin/sh
# Builds the echo server, prints the log only if that fails, and runs the server.
log=$(DO_NOT_TRACK=1 turbo run build --filter=@em/echo-server --output-logs=errors-only --log-prefix=none 2>&1) || {
  printf '%s\n' "$log" >&2
  exit 1
}
exec node apps/echo-server/dist/em-echo-server.js "$@"
