import { deepEqual } from 'node:assert/strict';
import type { Conversation, Group } from './plan.ts';
import type { Tally } from './tally.ts';

/** The conversation of most clients: one message at a time, and an orderly end. */
export const POLITE: Conversation = {
  ending: 'patient',
  messages: 1,
  leastBytes: 1,
  mostBytes: 1024,
  aheadBytes: 0,
  stallMs: 0,
  isNarrow: false,
  isHeld: false,
};

/** More than all buffers on the way can hold. */
const WITHOUT_END = 1_000_000;

/** The number of clients of each kind, and of their messages. */
export interface Mixture {
  /** Clients that send one message at a time. */
  readonly steady: number;
  /** The number of their messages. The other kinds send a suitable number. */
  readonly messages: number;
  /** Clients that have several messages under way. */
  readonly eager: number;
  readonly halfClosing: number;
  readonly stalling: number;
  readonly stallMs: number;
  /** Clients that send single bytes one at a time, and as many that do not wait for each byte. */
  readonly trickling: number;
  readonly resetting: number;
  readonly mute: number;
}

/** Polite and hostile clients, mixed. */
export function hostileGroups(mixture: Mixture): readonly Group[] {
  const { messages, stallMs } = mixture;
  const long: Conversation = { ...POLITE, mostBytes: 64 * 1024, messages: Math.ceil(messages / 4) };
  const slow: Conversation = { ...long, ending: 'half-close', isNarrow: true };
  return [
    { count: mixture.steady, conversation: { ...POLITE, messages, mostBytes: 8 * 1024 } },
    {
      count: mixture.eager,
      conversation: { ...long, messages, aheadBytes: 128 * 1024, isNarrow: true },
    },
    { count: mixture.halfClosing, conversation: { ...slow, aheadBytes: WITHOUT_END } },
    {
      count: mixture.stalling,
      conversation: { ...slow, messages: 4 * messages, aheadBytes: WITHOUT_END ** 2, stallMs },
    },
    // Less than the server keeps per client, so that the server has read everything, and waits.
    {
      count: mixture.stalling,
      conversation: {
        ...slow,
        ending: 'patient',
        messages: 4,
        leastBytes: 48 * 1024,
        aheadBytes: WITHOUT_END,
        stallMs,
      },
    },
    { count: mixture.trickling, conversation: { ...POLITE, messages, mostBytes: 1 } },
    { count: mixture.trickling, conversation: { ...POLITE, messages, mostBytes: 1, aheadBytes: 4096 } },
    { count: mixture.resetting, conversation: { ...long, ending: 'reset', aheadBytes: 128 * 1024 } },
    {
      count: mixture.mute,
      conversation: { ...long, ending: 'mute', messages: WITHOUT_END, aheadBytes: WITHOUT_END ** 2 },
    },
  ];
}

/** The number of clients. */
export function clientsOf(groups: readonly Group[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

/** The approximate number of bytes that they send, without clients that do not end by themselves. */
export function bytesOf(groups: readonly Group[]): number {
  return groups
    .filter(({ conversation }) => conversation.ending !== 'mute')
    .reduce((sum, { count, conversation: { messages, leastBytes, mostBytes } }) => {
      const mean = mostBytes > leastBytes ? (mostBytes - leastBytes) / Math.log(mostBytes / leastBytes) : leastBytes;
      return sum + count * messages * mean;
    }, 0);
}

/** Checks that nothing is lost: every client has ended as it should. */
export function expectNothingLost(groups: readonly Group[], tally: Tally): void {
  const of = (...endings: Conversation['ending'][]): number =>
    clientsOf(groups.filter(({ conversation }) => endings.includes(conversation.ending)));
  const { failures, whole, early, resets, stuck, refused } = tally;
  deepEqual(
    { failures, gotAll: whole + early, resets, stuck, refused },
    { failures: [], gotAll: of('patient', 'half-close'), resets: of('reset', 'abort'), stuck: of('mute'), refused: 0 },
  );
}
