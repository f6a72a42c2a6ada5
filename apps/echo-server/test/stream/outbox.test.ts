import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outbox } from '../../src/stream/outbox.js';
import { numbered } from '../fakes/bytes.js';

const MAX_BYTES = 10_000;

test('bytes come out complete and in order, for any sequence of append() and shift()', () => {
  const step = fc.record({ appended: fc.nat(3000), shifted: fc.nat(3000), spare: fc.nat(5000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const source = numbered(50 * 3000);
      const outbox = new Outbox(MAX_BYTES);
      const out: Uint8Array[] = [];
      let appended = 0;
      for (const { appended: more, shifted, spare } of steps) {
        const count = Math.min(more, MAX_BYTES - outbox.length);
        const { capacity } = outbox;
        const needed = outbox.length + count;
        outbox.append(source, appended, appended + count, spare);
        appended += count;
        const gone = Math.min(shifted, outbox.length);
        out.push(outbox.bytes.slice(outbox.start, outbox.start + gone));
        outbox.shift(gone);
        expect(outbox.capacity).toBeLessThanOrEqual(MAX_BYTES);
        expect(outbox.capacity).toBeLessThanOrEqual(Math.max(capacity + spare, needed));
      }
      out.push(outbox.bytes.slice(outbox.start, outbox.start + outbox.length));
      expect(Buffer.concat(out).equals(source.subarray(0, appended))).toBe(true);
    }),
  );
});

test('single bytes cost few allocations', () => {
  const outbox = new Outbox(MAX_BYTES);
  const pieces = new Set<Uint8Array>();
  for (let i = 0; i < MAX_BYTES; i++) {
    outbox.append(Uint8Array.of(i), 0, 1, MAX_BYTES);
    pieces.add(outbox.bytes);
  }
  expect(pieces.size).toBeLessThan(8);
  expect(outbox.length).toBe(MAX_BYTES);
});
