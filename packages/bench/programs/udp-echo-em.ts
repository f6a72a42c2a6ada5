// udp-echo-em WAY: a minimal echo server for UDP on the event manager, driven by `wait` in a loop or by `run`. It asks for
// as many datagrams as came the last time, and answers that do not fit into the send buffer are lost.

import { EventManager, EventSet, UdpBatch, UdpSocket } from '@em/sys';

const manager = new EventManager();
const socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
socket.setReceiveBufferBytes(4 * 1024 * 1024);
socket.setCoalescing(true);
const batch = new UdpBatch();
let wanted = 1;

manager.add(socket, EventSet.IN, () => {
  const count = socket.receiveMany(batch, wanted) ?? 0;
  for (let sent = 0; sent < count; ) {
    sent += socket.sendMany(batch, count - sent, sent) ?? count;
  }
  wanted = Math.min(Math.max(1, count < wanted ? count : 4 * count), batch.capacity);
});
console.log(`listening on 127.0.0.1:${socket.localAddress.port}`);

if (process.argv[2] === 'run') {
  await manager.run();
}
manager.add(0, EventSet.IN, () => process.exit());
for (;;) {
  manager.wait();
}
