// Forgets a pty whose child runs, collects garbage, and prints the warnings and how the child ended.

import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Pty } from '@em/devices/pty';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

const warnings = [];
process.on('warning', ({ code, message }) => warnings.push({ code, message }));

/** The path of the standard input, unless that is closed for a moment, because the shell replaces it. */
function inputOf({ pid }) {
  try {
    return readlinkSync(`/proc/${pid}/fd/0`);
  } catch {
    return undefined;
  }
}

// A function, so that the stack does not hold the pty.
const forget = () => {
  const pty = Pty.open();
  const child = pty.spawn('cat');
  // Only a child that has opened the terminal gets SIGHUP.
  while (inputOf(child) !== pty.slavePath) {
    // The shell starts.
  }
  return { child, finished: pty.finished };
};
const { child, finished } = forget();
const exit = once(child, 'exit');
while (warnings.length === 0) {
  await setImmediate();
  gc();
}
const [, signal] = await exit;
console.log(JSON.stringify({ warnings, signal, finished: await finished }));
