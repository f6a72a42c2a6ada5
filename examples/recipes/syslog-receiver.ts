// Receives what programs log with syslog(3): datagrams on a unix socket, each "<priority>text".

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventManager, EventSet, UnixDatagram } from '@em/sys';

const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const folder = mkdtempSync(join(tmpdir(), 'syslog-'));
const path = join(folder, 'log');
const buffer = Buffer.alloc(8192);

using manager = new EventManager();
using receiver = UnixDatagram.bind({ path });

manager.add(receiver, EventSet.IN, () => {
  for (let message = receiver.receiveFrom(buffer); message; message = receiver.receiveFrom(buffer)) {
    print(buffer.toString('utf8', 0, message.length), message.truncated);
  }
});

function print(line: string, truncated: boolean): void {
  const [, priority = '13', text = line] = /^<(\d{1,3})>(.*)$/s.exec(line) ?? [];
  console.log(`${SEVERITIES[Number(priority) % 8]}: ${text}${truncated ? ' (cut)' : ''}`);
  if (text === 'bye') {
    manager.stop();
  }
}

// A program that logs. Here it runs in the same process; usually it is another one.
using logger = UnixDatagram.connect({ path });
logger.send(Buffer.from('<11>disk is full'));
logger.send(Buffer.from('no priority at all'));
logger.send(Buffer.from('<14>bye'));

await manager.run();
// Closing the socket does not remove its file.
rmSync(folder, { recursive: true });
