// Reads stdin as data arrives, for any kind of stdin: a pipe, a terminal, a socket, a file, nothing.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EventManager, EventSet, read } from '@em/sys';

const STDIN = 0;
const buffer = Buffer.alloc(4096);

if (process.argv[2] === 'child') {
  await readAll();
} else {
  const self = fileURLToPath(import.meta.url);
  for (const script of ['(echo one; echo two) | "$0" "$1" child', '"$0" "$1" child < /dev/null']) {
    spawnSync('sh', ['-c', script, process.execPath, self], { stdio: 'inherit' });
  }
}

async function readAll(): Promise<void> {
  using manager = new EventManager();
  const decoder = new TextDecoder();
  let text = '';
  const readSome = (): number | undefined => {
    const length = read(STDIN, buffer);
    text += decoder.decode(buffer.subarray(0, length ?? 0), { stream: true });
    return length;
  };
  try {
    manager.add(STDIN, EventSet.IN, () => {
      if (readSome() === 0) {
        manager.stop();
      }
    });
    await manager.run();
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_EM_NOT_POLLABLE') {
      throw error;
    }
    console.log((error as Error).message);
    while (readSome() !== 0) {
      // A regular file never blocks: read it to its end.
    }
  }
  console.log('read:', JSON.stringify(text));
}
