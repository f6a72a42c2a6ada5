import { ExitCode } from './start-error.js';

/** What the help begins with. */
export const EXAMPLES: string = `Sends back what it is sent (RFC 862), over TCP, UDP and unix sockets.

Examples:
  em-echo-server                             for this machine only, on TCP port 7007
  em-echo-server --host 0.0.0.0 --port 7     for the network too, on the port of RFC 862
  em-echo-server --port 0                    on any free port; the ready line tells which
  em-echo-server --listen tcp://[::]:7007 --listen udp://[::]:7007 --listen unix:/run/echo.sock
                                             on several sockets at once
  EM_ECHO_LISTEN=unix:@echo em-echo-server   set by the environment
  echo hello | nc -N 127.0.0.1 7007          talks to it
`;

/** What the help ends with. */
export const NOTES: string = `
Where to listen:
  tcp://host:port   a TCP port; an IPv6 address stands in brackets, [::] takes IPv4 as well
  udp://host:port   a UDP port
  unix:path         a unix stream socket; unix:@name for one with an abstract name
  unixgram:path     a unix datagram socket; unixgram:@name likewise
  fd:number         an inherited socket of any of these kinds; fd:name by its name (LISTEN_FDNAMES)

If nothing is said of where to listen, what a service manager hands over (LISTEN_FDS) is served.
A flag goes before its environment variable, and that before the default. Stop it
with Ctrl-C or SIGTERM.

Exit codes:
  0        stopped
  ${ExitCode.FAILED}        failed while it was serving
  ${ExitCode.USAGE}        bad usage: an unknown flag, a missing or bad value
  ${ExitCode.CANNOT_LISTEN}        cannot listen: what is named is in use, not permitted, or not there
  128 + n  ended at once by a second signal, number n`;
