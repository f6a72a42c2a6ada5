#!/usr/bin/env node
// A signal can arrive while the rest of the server loads. SIGUSR1 would open the debugger of Node to everyone on this
// machine, and SIGUSR2 would end the process.
for (const name of ['SIGUSR1', 'SIGUSR2'] as const) {
  process.on(name, () => undefined);
}
await import('./main.js');
