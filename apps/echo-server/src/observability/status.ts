import { Counters, type Counts } from '../counters.js';

/** How the server is, for those who ask. */
export class Status {
  phase: 'starting' | 'serving' | 'stopping' = 'starting';
  counts: Counts = new Counters();
}
