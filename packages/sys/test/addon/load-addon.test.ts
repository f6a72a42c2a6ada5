import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { buildSync, type Format } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isSupported } from '../../src/is-supported.js';
import { loadAddon } from '../../src/load-addon.js';
import { InstalledCopy } from '../support/installed-copy.js';
import { raises } from '../support/raises.js';

const LOCAL = 'native/build/Release/em_sys.node';
const PREBUILT = `prebuilds/linux-${process.arch}.node`;
/** Node 20 and 22 still call it experimental. */
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';
const addon = fileURLToPath(new URL(`../../${LOCAL}`, import.meta.url));
const notAnAddon = fileURLToPath(import.meta.url);

describe('in this process', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    vi.resetModules();
  });

  test('on other platforms than Linux, loading throws, and says what works there', () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    expect(raises(loadAddon)).toMatchObject({
      code: 'ERR_EM_UNSUPPORTED_PLATFORM',
      message: expect.stringMatching(/needs Linux, and this is darwin, .*, Node\.js \d.*FakePoller/),
    });
  });

  test('isSupported() returns whether the addon loads', async () => {
    expect(isSupported()).toBe(true);
    vi.resetModules();
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    expect((await import('../../src/is-supported.js')).isSupported()).toBe(false);
  });

  test('only the build that EM_SYS_BINDING names is tried', () => {
    vi.stubEnv('EM_SYS_BINDING', addon);
    expect(loadAddon().path).toBe(addon);
    vi.stubEnv('EM_SYS_BINDING', './nowhere.node');
    const error = raises(loadAddon);
    expect(error.message.split('\n')).toEqual([
      expect.stringMatching(`no addon that loads on linux, ${process.arch}, glibc, Node\\.js \\d`),
      `  ${join(process.cwd(), 'nowhere.node')}: cannot open shared object file: No such file or directory`,
      'EM_SYS_BINDING names this file, so no other is tried: correct EM_SYS_BINDING, or unset it',
    ]);
    expect(error.cause).toMatchObject({ errors: [{ code: 'ERR_DLOPEN_FAILED' }] });
  });

  test('an error of another realm that says that addons are disabled is recognized, as under Jest', () => {
    const error = runInNewContext("Object.assign(new Error('disabled'), { code: 'ERR_DLOPEN_DISABLED' })");
    vi.spyOn(process, 'dlopen').mockImplementation(() => {
      throw error;
    });
    const { message } = raises(loadAddon);
    expect(message).toMatch(/em_sys\.node: disabled\n/);
    expect(message).toMatch('start it without --no-addons');
  });

  test('an empty EM_SYS_BINDING is ignored', () => {
    vi.stubEnv('EM_SYS_BINDING', '');
    expect(loadAddon().path).toBe(addon);
  });
});

test('an addon of another version is refused', () => {
  vi.stubEnv('EM_SYS_BINDING', addon);
  const dlopen = process.dlopen.bind(process);
  vi.spyOn(process, 'dlopen').mockImplementation((module, path) => {
    dlopen(module, String(path));
    const loaded = module as { exports: { abi: number } };
    loaded.exports = { ...loaded.exports, abi: loaded.exports.abi + 1 };
  });
  expect(raises(loadAddon).message).toMatch(
    /em_sys\.node: this addon belongs to another version of @em\/sys: its ABI is \d+, not \d+\n/,
  );
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('in an installed package', () => {
  let copy: InstalledCopy;
  beforeEach(() => {
    copy = new InstalledCopy();
  });
  afterEach(() => {
    copy[Symbol.dispose]();
  });

  test('the prebuilt addon is loaded', () => {
    copy.putAddon(PREBUILT);
    expect(copy.doctor()).toEqual({ status: 0, output: expect.stringMatching(`addon +.*/${PREBUILT}`) });
  });

  test('an addon that was built here is loaded before the prebuilt one', () => {
    copy.putAddon(PREBUILT);
    copy.putAddon(LOCAL);
    expect(copy.doctor()).toEqual({ status: 0, output: expect.stringMatching(`addon +.*/${LOCAL}`) });
  });

  test('if the addon that was built here does not load, the prebuilt one is loaded', () => {
    copy.putAddon(PREBUILT);
    copy.putAddon(LOCAL, notAnAddon);
    expect(copy.doctor()).toEqual({ status: 0, output: expect.stringMatching(`addon +.*/${PREBUILT}`) });
  });

  test('if no addon loads, the error lists each file with the reason', () => {
    copy.putAddon(PREBUILT, notAnAddon);
    const { status, output } = copy.doctor();
    expect(status).toBe(1);
    expect(output).toMatch(`${LOCAL}: cannot open shared object file`);
    expect(output).toMatch(new RegExp(`${PREBUILT}: .*invalid ELF header`));
    expect(output).toMatch('Install @em/sys again, or build the addon');
  });

  test('if no addon is published for the architecture, the error says so', () => {
    const isRiscv = "Object.defineProperty(process, 'arch', { value: 'riscv64' });";
    const { output } = copy.doctor(['--import', `data:text/javascript,${encodeURIComponent(isRiscv)}`]);
    expect(output).toMatch('No addon is published for this architecture: build it');
    expect(output).not.toMatch('prebuilds');
  });

  test.each([[['--no-addons']], [[PERMISSION, '--allow-fs-read=*']]])(
    'with %j, the error says which options are needed',
    (flags) => {
      copy.putAddon(PREBUILT);
      const { status, output } = copy.doctor(flags);
      expect(status).toBe(1);
      expect(output).toMatch('is not allowed to load addons: start it without --no-addons, and with --allow-addons if');
    },
  );

  test('with --allow-addons, it works under the permission model, even if it must read nothing else', () => {
    copy.putAddon(PREBUILT);
    const flags = [PERMISSION, '--allow-addons', `--allow-fs-read=${copy.folder}/*`];
    expect(copy.doctor(flags)).toEqual({ status: 0, output: expect.stringMatching('works here') });
  });

  test('the package can be imported where the addon does not load', () => {
    const program = "import * as sys from '@em/sys'; console.log(sys.isSupported())";
    expect(copy.node(['--no-addons', '--input-type=module', '-e', program])).toEqual({ status: 0, output: 'false\n' });
  });

  test('the addon of another package is not loaded, and the error says so', () => {
    const bytes = readFileSync(addon);
    const name = bytes.indexOf('\0abi\0');
    expect(name).toBeGreaterThan(0);
    bytes.write('xyz', name + 1);
    const other = join(copy.folder, 'other.node');
    writeFileSync(other, bytes);
    copy.putAddon(LOCAL, other);
    expect(copy.doctor().output).toMatch(`${LOCAL}: this is not the addon of @em/sys`);
    copy.putAddon(PREBUILT);
    expect(copy.doctor()).toEqual({ status: 0, output: expect.stringMatching(`addon +.*/${PREBUILT}`) });
  });

  test.each([
    ['the build in the package', {}],
    ['the addon that EM_SYS_BINDING names', { EM_SYS_BINDING: addon }],
  ])('if no fd is free to load %s, the first use throws EMFILE, and a later one works', (_title, env) => {
    copy.putAddon(PREBUILT);
    const program = `
      import { closeSync, openSync } from 'node:fs';
      import { EventFd, isSupported } from '@em/sys';
      const fds = [];
      try { for (;;) fds.push(openSync('/dev/null')); } catch {}
      const supported = isSupported();
      const codes = [];
      try { new EventFd(); } catch (error) { codes.push(error.code); }
      for (const fd of fds) closeSync(fd);
      new EventFd().close();
      console.log(supported, isSupported(), ...codes);`;
    const command = `ulimit -n 100 && exec '${process.execPath}' --input-type=module -e "$PROGRAM"`;
    const { stdout, stderr } = spawnSync('/bin/sh', ['-c', command], {
      cwd: copy.folder,
      env: { ...env, PROGRAM: program },
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({ stdout: 'true true EMFILE\n', stderr: '' });
  });

  test('the addon does not load while a start-up snapshot is built, and loads in the program of the snapshot', () => {
    copy.putAddon(PREBUILT);
    const source = `
      import v8 from 'node:v8';
      import { EventFd } from '@em/sys';
      const attempt = () => {
        try { new EventFd().close(); console.log('works'); } catch (error) { console.log(error.message); }
      };
      attempt();
      v8.startupSnapshot.setDeserializeMainFunction(attempt);`;
    writeFileSync(join(copy.folder, 'main.js'), source);
    bundle(copy.folder, 'app/out/main.cjs', 'cjs');
    copy.putAddon(`../../../app/${PREBUILT}`);
    const built = copy.node(['--no-warnings', '--snapshot-blob', 'blob', '--build-snapshot', 'app/out/main.cjs']);
    expect(built.output).toMatch('@em/sys cannot be used while a start-up snapshot is built');
    expect(built.status).toBe(0);
    expect(copy.node(['--snapshot-blob', 'blob'])).toEqual({ status: 0, output: 'works\n' });
  });

  test.each<[Format, string]>([
    ['esm', 'mjs'],
    ['cjs', 'cjs'],
  ])('a bundle of format %s finds the addon in prebuilds, next to the folder of the bundle', (format, extension) => {
    writeFileSync(join(copy.folder, 'main.js'), "import { EventFd } from '@em/sys'; new EventFd().close();");
    const file = `app/out/main.${extension}`;
    bundle(copy.folder, file, format);
    const { status, output } = copy.node([file]);
    expect(status).not.toBe(0);
    expect(output).toMatch(
      `This is a bundle (${join(copy.folder, file)}): copy the folder prebuilds of @em/sys to ${join(copy.folder, 'app/prebuilds')}, or set EM_SYS_BINDING to`,
    );
    expect(copy.node([file], { EM_SYS_BINDING: addon })).toEqual({ status: 0, output: '' });
    copy.putAddon(`../../../app/${PREBUILT}`);
    expect(copy.node([file])).toEqual({ status: 0, output: '' });
  });
});

function bundle(folder: string, outfile: string, format: Format): void {
  buildSync({
    absWorkingDir: folder,
    entryPoints: ['main.js'],
    outfile,
    bundle: true,
    platform: 'node',
    format,
    logOverride: { 'empty-import-meta': 'silent' },
  });
}
