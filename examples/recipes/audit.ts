// Why is it never called? Asks the kernel what it watches, and compares that with what is registered.

import { closeSync } from 'node:fs';
import { EventFd, EventManager, EventSet, Pipe } from '@em/sys';

using manager = new EventManager();
using fine = new EventFd();
using once = new EventFd(1);
const { reader, writer } = Pipe.open();
const number = reader.detach();

manager.add(fine, EventSet.IN, () => undefined, { label: 'fine' });
manager.add(once, EventSet.IN | EventSet.ONE_SHOT, () => undefined, { label: 'told once' });
manager.add(number, EventSet.IN, () => undefined, { label: 'a number' });
manager.wait(0);
closeSync(number); // by somebody who did not know that it is watched

for (const { kind, label } of manager.audit()) {
  console.log(`${label}: ${kind}`);
}
writer.close();
