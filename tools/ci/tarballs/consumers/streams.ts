// @em/streams: a program with a stream, on the kernel.

import { createRequire } from 'node:module';
import { toReadable } from '@em/streams';
import { EventManager, Pipe } from '@em/sys';

const manager = new EventManager();
void manager.run();
const { reader, writer } = Pipe.open();
writer.write(Buffer.from('hello'));
writer.close();
console.log('read:', String(Buffer.concat(await toReadable(manager, reader).toArray())));
manager.close();

const required = createRequire(import.meta.url)('@em/streams') as typeof import('@em/streams');
console.log('require:', required.toReadable === toReadable);
