import { Clock } from './clock.js';
import { FdTable } from './fd-table.js';
import type { EpollInstance } from './files/epoll-file.js';
import { ProcessTable } from './files/pidfd.js';
import { Ports } from './files/ports.js';
import type { TcpListenerFile } from './files/tcp-listener.js';
import type { UdpFile } from './files/udp-socket.js';
import { UnixNames } from './files/unix-names.js';

/** What several pollers can share: the open files by their fds, the time, the processes, and the addresses. */
export class FakeKernel {
  readonly epolls: Set<EpollInstance> = new Set();
  readonly fds: FdTable = new FdTable();
  readonly clock: Clock = new Clock();
  readonly processes: ProcessTable = new ProcessTable();
  readonly unixNames: UnixNames = new UnixNames();
  readonly tcpPorts: Ports<TcpListenerFile> = new Ports();
  readonly udpPorts: Ports<UdpFile> = new Ports();
}
