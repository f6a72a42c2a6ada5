// Receives the frames with one identifier from a CAN bus. This program also sends them, on a virtual bus.

import { CanSocket } from '@em/devices/can';
import { EventManager, EventSet } from '@em/sys';

const SPEED = 0x123;

using manager = new EventManager();
// The kernel drops the other frames.
using receiver = CanSocket.open('vcan0', { filters: [{ id: SPEED }] });
using sender = CanSocket.open('vcan0');

manager.add(receiver, EventSet.IN, () => {
  for (let frame = receiver.receive(); frame !== undefined; frame = receiver.receive()) {
    console.log(frame.id.toString(16), frame.data);
  }
  manager.stop();
});

sender.send({ id: 0x321, data: Uint8Array.of(1) });
sender.send({ id: SPEED, data: Uint8Array.of(0x12, 0x34) });
await manager.run();
