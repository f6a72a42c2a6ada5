// @em/devices: a program with a pty.

import { createRequire } from 'node:module';
import { Pty } from '@em/devices/pty';

const pty = Pty.open({ columns: 132, rows: 50 });
console.log('size:', pty.size.columns, 'x', pty.size.rows);
pty.close();

const required = createRequire(import.meta.url)('@em/devices/pty') as typeof import('@em/devices/pty');
console.log('require:', required.Pty === Pty);
