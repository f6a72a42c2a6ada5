// A service that is healthy, until it gets a signal. argv: its name, the name of the health socket.

import { EventManager, UnixDatagram } from '@em/sys';

const [, , name, socketName] = process.argv;
const manager = new EventManager();
const health = UnixDatagram.connect({ path: `\0${socketName}` });
const message = new TextEncoder().encode(name);

console.log(`${name} is ${process.pid}`);
health.send(message);
manager.every(1_000, () => health.send(message));
await manager.run();
