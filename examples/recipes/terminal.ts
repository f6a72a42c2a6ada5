// Runs a program in a terminal of its own, answers its question, and collects what the terminal shows.

import { Pty } from '@em/devices/pty';
import { toDuplex } from '@em/streams';
import { EventManager } from '@em/sys';

using manager = new EventManager();
void manager.run();

const pty = Pty.open({ columns: 80, rows: 24 });
// When the output ends, so does the input.
const terminal = toDuplex(manager, pty, { allowHalfOpen: false }).setEncoding('utf8');
pty.spawn('sh', ['-c', 'printf "name? "; read -r name; echo "hello $name"; test -t 0 && echo "on a terminal"; exit 3']);

let shown = '';
for await (const text of terminal) {
  shown += text;
  if (shown === 'name? ') {
    terminal.write('world\n');
  }
}
console.log(shown.replaceAll('\r', '').trimEnd());
console.log('exit code:', (await pty.finished).exitCode);
