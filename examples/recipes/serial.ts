// Sends a command to a device on a serial port, and prints the answer. Here, one end of a pty is the device.

import { Pty } from '@em/devices/pty';
import { SerialPort } from '@em/devices/serial';
import { EventManager, EventSet } from '@em/sys';

using manager = new EventManager();
using device = Pty.open();
// The path of a real device is for example '/dev/ttyUSB0', or a link in /dev/serial/by-id.
using port = SerialPort.open(device.slavePath, { baudRate: 115_200 });
const bytes = Buffer.alloc(256);

let answer = '';
manager.add(port, EventSet.IN, () => {
  answer += bytes.toString('latin1', 0, port.read(bytes));
  // Bytes come as they are sent: perhaps one by one.
  if (answer.endsWith('\r\n')) {
    console.log(`answer: ${answer.trim()}`);
    manager.stop();
  }
});

manager.add(device, EventSet.IN, () => {
  const command = bytes.toString('latin1', 0, device.read(bytes)).trim();
  device.write(Buffer.from(command === 'AT' ? 'OK\r\n' : 'ERROR\r\n'));
});

console.log(`${port.baudRate} baud`);
port.write(Buffer.from('AT\r\n'));
await manager.run();
