import { EventSet } from '@em/core';
import type { FdTable } from '../fd-table.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';

class Inode extends OpenFile {
  override readonly pollable: boolean = false;

  override readiness(): EventSet {
    return EventSet.IN | EventSet.OUT;
  }
}

/** A regular file: always ready, and therefore refused with `EPERM`, as directories and `/dev/null` are. */
export class FakeRegularFile extends FakeFd<Inode> {
  static create(fds: FdTable): FakeRegularFile {
    return new FakeRegularFile(fds, new Inode());
  }

  override dup(): FakeRegularFile {
    return new FakeRegularFile(this.fds, this.open('dup'));
  }
}
