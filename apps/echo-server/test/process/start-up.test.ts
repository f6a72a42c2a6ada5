import { expect, test } from 'vitest';
import { startServer } from './server-process.js';

/** Prints the built-in modules that Node has loaded for the server, when it ends. */
const REPORT = `data:text/javascript,
  const former = new Set(process.moduleLoadList);
  process.on('exit', () => {
    const loaded = process.moduleLoadList.filter((name) => !former.has(name) && name.startsWith('NativeModule '));
    process.getBuiltinModule('fs').writeSync(2, 'loaded=' + JSON.stringify(loaded));
  });`;

test('a server on TCP loads neither the streams, nor HTTP, nor threads, nor child processes', async () => {
  const server = await startServer({ env: { NODE_OPTIONS: `--import "${REPORT.replace(/\s+/g, ' ')}"` } });
  server.kill('SIGTERM');
  await server.exitCode();
  const [, list = '[]'] = /loaded=(.*)$/.exec(server.stderr) ?? [];
  const names = (JSON.parse(list) as string[]).map((name) => name.replace('NativeModule ', ''));
  expect(names).toContain('os');
  expect(names.filter((name) => /stream|net$|http|worker|child_process|tty|dgram/.test(name))).toEqual([]);
});
