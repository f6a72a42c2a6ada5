import { Clock } from './clock.js';
import { FdTable } from './fd-table.js';
import { ProcessTable } from './files/pidfd.js';

/** What several pollers can share: the open files by their fds, the time, and the processes. */
export class FakeKernel {
  readonly fds: FdTable = new FdTable();
  readonly clock: Clock = new Clock();
  readonly processes: ProcessTable = new ProcessTable();
}
