import { ExitCode } from './start-error.js';

/** The beginning of the help. */
export const EXAMPLES: string = `Sends back every message (RFC 862), over TCP, UDP and unix sockets.

Examples:
  em-echo-server                             on TCP port 7007, for this machine only
  em-echo-server --host 0.0.0.0 --port 7     on the port of RFC 862, for the network too
  em-echo-server --port 0                    on any free port, which the ready line shows
  em-echo-server --listen tcp://[::]:7007 --listen udp://[::]:7007 --listen unix:/run/echo.sock
                                             on several sockets
  EM_ECHO_LISTEN=unix:@echo em-echo-server   configured by the environment
  echo hello | nc -N 127.0.0.1 7007          a client
`;

/** The end of the help. */
export const NOTES: string = `
Where to listen:
  tcp://host:port   a TCP port; write an IPv6 address in brackets, [::] also accepts IPv4
  udp://host:port   a UDP port
  unix:path         a unix stream socket; unix:@name for an abstract name
  unixgram:path     a unix datagram socket; unixgram:@name for an abstract name
  fd:number         an inherited socket of any of these kinds; fd:name by its name (LISTEN_FDNAMES)

Without --listen, --host and --port, the server uses the sockets of the service manager (LISTEN_FDS)
if there are any. A flag overrides its environment variable, which overrides the default.
To stop the server, press Ctrl-C or send SIGTERM.

Exit codes:
  0        stopped
  ${ExitCode.FAILED}        failed while serving
  ${ExitCode.USAGE}        bad usage: an unknown flag, a missing or wrong value
  ${ExitCode.CANNOT_LISTEN}        cannot listen: the address is in use, not permitted, or does not exist
  128 + n  a second signal, number n, ended the server at once`;
