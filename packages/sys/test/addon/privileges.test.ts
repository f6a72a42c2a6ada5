import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isPrivileged, isSecure } from '../../src/addon/privileges.js';
import { InstalledCopy } from '../support/installed-copy.js';

const addon = fileURLToPath(new URL('../../native/build/Release/em_sys.node', import.meta.url));
const NOBODY = 65534;
const SOMEBODY = 54321;

function auxv(...words: readonly number[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(words, BigInt).buffer);
}

test.each<[string, Uint8Array, boolean]>([
  ['AT_SECURE is 0', auxv(6, 4096, 23, 0, 0, 0), false],
  ['AT_SECURE is 1', auxv(6, 4096, 23, 1, 0, 0), true],
  ['a value of 23 is not the type 23', auxv(6, 23, 0, 0, 23, 0), false],
  ['there is no AT_SECURE', auxv(6, 23, 0, 0), true],
  ['the vector ends after the type', auxv(6, 4096, 23), true],
  ['the vector is empty', new Uint8Array(), true],
  ['the vector is part of a larger buffer', Buffer.concat([auxv(23, 0), auxv(23, 1)]).subarray(16), true],
  ['the vector does not start at a multiple of 8', Buffer.concat([Buffer.of(0), auxv(23, 0)]).subarray(1), false],
])('%s', (_title, vector, secure) => {
  expect(isSecure(vector)).toBe(secure);
});

test('the process of this test has no more privileges than its caller', () => {
  expect(isPrivileged()).toBe(false);
});

/** Only root can give a program the privileges of another user. */
describe.skipIf(process.getuid?.() !== 0)('a program with more privileges than its caller', () => {
  let copy: InstalledCopy;
  let program: string;
  beforeEach(() => {
    copy = new InstalledCopy();
    chmodSync(copy.folder, 0o755);
    program = join(copy.folder, 'node');
    copyFileSync(process.execPath, program);
    copyFileSync(addon, join(copy.folder, 'named.node'));
  });
  afterEach(() => {
    copy[Symbol.dispose]();
  });

  function doctorAs(uid: number): string {
    const { stdout, stderr } = spawnSync(program, ['node_modules/@em/sys/dist/em-sys.js', 'doctor'], {
      cwd: copy.folder,
      env: { EM_SYS_BINDING: join(copy.folder, 'named.node') },
      encoding: 'utf8',
      uid,
      gid: uid,
    });
    return stdout + stderr;
  }

  test.each([
    ['setuid', 0, 0, 0o4755],
    ['setuid to a user other than root', NOBODY, NOBODY, 0o4755],
    ['setgid', 0, NOBODY, 0o2755],
  ])('%s: EM_SYS_BINDING is ignored', (_title, uid, gid, mode) => {
    chownSync(program, uid, gid);
    chmodSync(program, 0o755);
    expect(doctorAs(SOMEBODY)).toMatch(/addon +.*named\.node/);
    chmodSync(program, mode);
    expect(doctorAs(SOMEBODY)).toMatch(/EM_SYS_BINDING was ignored: this process has more privileges/);
  });

  test('file capabilities: EM_SYS_BINDING is ignored', ({ skip }) => {
    const { status, error } = spawnSync('/usr/sbin/setcap', ['cap_net_bind_service+ep', program]);
    skip(error !== undefined || status !== 0, 'no setcap, or the file system keeps no capabilities');
    expect(doctorAs(SOMEBODY)).toMatch(/EM_SYS_BINDING was ignored: this process has more privileges/);
  });
});
