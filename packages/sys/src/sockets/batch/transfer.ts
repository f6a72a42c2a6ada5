import { checkInteger } from '@em/core/check';
import type { Binding } from '../../addon/binding.js';
import { checkedUnlessBlocked } from '../../addon/system-error.js';
import type { BatchMemory } from './batch-memory.js';

/** Receives datagrams into the first entries of a batch. */
export function receiveMany(
  native: Binding,
  socket: { readonly fd: number },
  memory: BatchMemory,
  count: number | undefined,
  withControl: 0 | 1,
): number | undefined {
  const most = count === undefined ? memory.capacity : checkInteger('count', count, 1, memory.capacity);
  const { fd } = socket;
  const { bytes, entries, slotBytes, room } = memory;
  return checkedUnlessBlocked(native.recvmmsg(fd, bytes, entries, most, slotBytes, room, withControl), 'recvmmsg', fd);
}

/** Checks which entries of a batch to send, and returns its memory. */
export function checkEntries(memory: BatchMemory, count: number, start: number): BatchMemory {
  checkInteger('start', start, 0, memory.capacity);
  checkInteger('count', count, 0, memory.capacity - start);
  return memory;
}
