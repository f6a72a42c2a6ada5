import { EventSet } from '@em/core';
import type { FdTable } from '../fd-table.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';

class Inode extends OpenFile {
  override readonly pollable: boolean = false;

  override events(): EventSet {
    return EventSet.IN | EventSet.OUT;
  }
}

/** A regular file. It is always ready, and so the poller refuses it with `EPERM`, as it refuses directories and `/dev/null`. */
export class FakeRegularFile extends FakeFd<Inode> {
  static create(fds: FdTable): FakeRegularFile {
    return new FakeRegularFile(fds, new Inode());
  }

  override dup(): FakeRegularFile {
    return new FakeRegularFile(this.fds, this.open());
  }
}
