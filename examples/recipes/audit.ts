// Finds out why a callback is never called: compares what the kernel watches with the registrations.

import { closeSync } from 'node:fs';
import { EventFd, EventManager, EventSet, Pipe } from '@em/sys';

using manager = new EventManager();
using fine = new EventFd();
using once = new EventFd(1);
const { reader, writer } = Pipe.open();
const number = reader.detach();

manager.add(fine, EventSet.IN, () => undefined, { label: 'fine' });
manager.add(once, EventSet.IN | EventSet.ONE_SHOT, () => undefined, { label: 'one shot' });
manager.add(number, EventSet.IN, () => undefined, { label: 'a number' });
manager.wait(0);
closeSync(number); // by code that does not know about the registration

for (const { kind, label } of manager.audit()) {
  console.log(`${label}: ${kind}`);
}
writer.close();
