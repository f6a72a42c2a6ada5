// Sends metrics by hot-shots over a unix socket. This program is the agent that receives them, too.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StatsD } from 'hot-shots';
import { createSocket } from 'unix-dgram';

/** More than the socket of the agent holds, so hot-shots has to wait and to send the rest again. */
const METRICS = 30;

const folder = mkdtempSync(join(tmpdir(), 'metrics-'));
const path = join(folder, 'agent.sock');
/** @type {string[]} */
const received = [];

const agent = createSocket('unix_dgram', (message) => {
  received.push(message.toString().trim());
  if (received.length === METRICS) {
    console.log(`${received.length} metrics, for example ${received.sort()[0]}`);
    client.close();
    agent.close();
    rmSync(folder, { recursive: true });
  }
});
agent.bind(path);

const client = new StatsD({ protocol: 'uds', path, maxBufferSize: 0, errorHandler: console.error });
for (let number = 100; number < 100 + METRICS; number++) {
  client.gauge('temperature', number);
}
