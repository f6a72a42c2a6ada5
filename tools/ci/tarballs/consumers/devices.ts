// @em/devices: a program with a pty, and an import of each device.

import { createRequire } from 'node:module';
import { CanSocket } from '@em/devices/can';
import { GpioChip } from '@em/devices/gpio';
import { InputDevice, VirtualInput } from '@em/devices/input';
import { PressureTrigger } from '@em/devices/pressure';
import { Pty } from '@em/devices/pty';
import { SerialPort } from '@em/devices/serial';
import { Termios } from '@em/devices/termios';
import { Tun } from '@em/devices/tun';
import { VsockStream } from '@em/devices/vsock';

const pty = Pty.open({ columns: 132, rows: 50 });
console.log('size:', pty.size.columns, 'x', pty.size.rows);
console.log('settings:', Termios.get(pty.fd).c_cc.length);
pty.close();

const required = createRequire(import.meta.url)('@em/devices/pty') as typeof import('@em/devices/pty');
console.log('require:', required.Pty === Pty);
console.log(
  'fd objects:',
  [Pty, PressureTrigger, SerialPort, Tun, CanSocket, GpioChip, VsockStream, InputDevice, VirtualInput].every(
    (type) => typeof type.adopt === 'function',
  ),
);
