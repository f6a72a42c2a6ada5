import type { Scenario } from '../scenario.ts';
import { combined } from './combined.ts';
import { datagramFlood } from './datagram-flood.ts';
import { datagrams } from './datagrams.ts';
import { exhausted } from './exhausted.ts';
import { flood } from './flood.ts';
import { forged } from './forged.ts';
import { idle } from './idle.ts';
import { integrity } from './integrity.ts';
import { many } from './many.ts';

/** All scenarios, in their order. */
export const SCENARIOS: readonly Scenario[] = [
  integrity,
  many,
  idle,
  flood,
  exhausted,
  datagrams,
  datagramFlood,
  forged,
  combined,
];
