import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundle } from './bundle.js';

const CHROMIUM = '/usr/bin/chromium';
const QUIET = ['background-networking', 'component-update', 'sync', 'gpu', 'quic'].map((part) => `--disable-${part}`);

let profile: string;

beforeEach(() => {
  profile = mkdtempSync(join(tmpdir(), 'em-chromium-'));
});

afterEach(() => {
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
});

test.skipIf(!existsSync(CHROMIUM))('a manager dispatches in a browser, with a poller of key presses', async () => {
  const files: Record<string, [type: string, body: string]> = {
    '/': ['text/html', readFileSync(new URL('page.html', import.meta.url), 'utf8')],
    '/core.js': ['text/javascript', bundle()],
  };
  const server = createServer(({ url = '' }, response) => {
    const [type, body] = files[url] ?? ['text/plain', ''];
    response.setHeader('content-type', type).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const page = `http://127.0.0.1:${port}/`;
  const flags = ['--headless', '--no-sandbox', '--no-first-run', ...QUIET, `--user-data-dir=${profile}`];
  const { stdout } = await promisify(execFile)(CHROMIUM, [...flags, '--virtual-time-budget=10000', '--dump-dom', page]);
  server.close();
  expect(stdout).toContain('seen: IN 1');
});
