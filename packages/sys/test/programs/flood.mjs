// Runs a manager beside the other work of an event loop, and measures that work with and without a flood of events.
// Prints the best round of each.

import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { EventFd, EventManager, EventSet } from '@em/sys';

const TICKS = 10;
const ROUNDS = 5;

const manager = new EventManager();
const flood = new EventFd();
manager.add(flood, EventSet.IN, () => undefined);
const server = createServer((_request, response) => response.end('served')).listen(0, '127.0.0.1');
process.on('SIGTERM', () => undefined);
await once(server, 'listening');
const running = manager.run();

const control = { elapsedMs: Infinity, chain: 0, requests: 0, signals: 0, batches: 0 };
const flooded = { ...control };
for (let round = 0; round < ROUNDS; round++) {
  keepBest(control, await measure());
  flood.write();
  keepBest(flooded, await measure());
  flood.read();
}
manager.stop();
await running;
server.close();
console.log(JSON.stringify({ control, flooded }));

/** Lasts until an interval of 10 ms has fired ten times. */
async function measure() {
  const counts = { elapsedMs: 0, chain: 0, requests: 0, signals: 0, batches: -manager.stats.waits };
  const start = performance.now();
  let ticks = 0;
  const interval = setInterval(() => {
    if (++ticks === TICKS) {
      clearInterval(interval);
    }
  }, 10);
  await Promise.all([again(chain), again(request), again(signal)]);
  counts.elapsedMs = performance.now() - start;
  counts.batches += manager.stats.waits;
  return counts;

  async function again(step) {
    while (ticks < TICKS) {
      await step();
    }
  }

  async function chain() {
    await Promise.resolve();
    await setImmediate();
    counts.chain++;
  }

  async function request() {
    const [response] = await once(get({ host: '127.0.0.1', port: server.address().port, agent: false }), 'response');
    await once(response.resume(), 'end');
    counts.requests++;
  }

  async function signal() {
    process.kill(process.pid, 'SIGTERM');
    await once(process, 'SIGTERM');
    counts.signals++;
  }
}

function keepBest(best, { elapsedMs, chain, requests, signals, batches }) {
  best.elapsedMs = Math.min(best.elapsedMs, elapsedMs);
  best.chain += chain;
  best.requests = Math.max(best.requests, requests);
  best.signals = Math.max(best.signals, signals);
  best.batches += batches;
}
