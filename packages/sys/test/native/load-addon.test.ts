import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

  test('elsewhere than on Linux, first use is refused, and says what runs there', () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    expect(raises(loadAddon)).toMatchObject({
      code: 'ERR_EM_UNSUPPORTED_PLATFORM',
      message: expect.stringMatching(/needs Linux; this is darwin, .*, Node\.js \d.*FakePoller/),
    });
  });

  test('isSupported() tells whether first use would be refused', async () => {
    expect(isSupported()).toBe(true);
    vi.resetModules();
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    expect((await import('../../src/is-supported.js')).isSupported()).toBe(false);
  });

  test('EM_SYS_BINDING names the one build that is tried', () => {
    vi.stubEnv('EM_SYS_BINDING', addon);
    expect(loadAddon().path).toBe(addon);
    vi.stubEnv('EM_SYS_BINDING', './nowhere.node');
    const error = raises(loadAddon);
    expect(error.message.split('\n')).toEqual([
      expect.stringMatching(`no addon that loads on linux, ${process.arch}, glibc, Node\\.js \\d`),
      `  ${join(process.cwd(), 'nowhere.node')}: cannot open shared object file: No such file or directory`,
      'No other is tried while EM_SYS_BINDING names one: unset it, or correct it',
    ]);
    expect(error.cause).toMatchObject({ errors: [{ code: 'ERR_DLOPEN_FAILED' }] });
  });

  test('an EM_SYS_BINDING that is empty names none', () => {
    vi.stubEnv('EM_SYS_BINDING', '');
    expect(loadAddon().path).toBe(addon);
  });
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

  test('one that was built here goes before it', () => {
    copy.putAddon(PREBUILT);
    copy.putAddon(LOCAL);
    expect(copy.doctor()).toEqual({ status: 0, output: expect.stringMatching(`addon +.*/${LOCAL}`) });
  });

  test('one that was built here and does not load is passed over', () => {
    copy.putAddon(PREBUILT);
    copy.putAddon(LOCAL, notAnAddon);
    expect(copy.doctor()).toEqual({ status: 0, output: expect.stringMatching(`addon +.*/${PREBUILT}`) });
  });

  test('where none loads, each is listed with its reason', () => {
    copy.putAddon(PREBUILT, notAnAddon);
    const { status, output } = copy.doctor();
    expect(status).toBe(1);
    expect(output).toMatch(`${LOCAL}: cannot open shared object file`);
    expect(output).toMatch(new RegExp(`${PREBUILT}: .*invalid ELF header`));
    expect(output).toMatch('Install @em/sys again, or build the addon');
  });

  test('where none is published for the architecture, it says so', () => {
    const isRiscv = "Object.defineProperty(process, 'arch', { value: 'riscv64' });";
    const { output } = copy.doctor(['--import', `data:text/javascript,${encodeURIComponent(isRiscv)}`]);
    expect(output).toMatch('None is published for this architecture: build it');
    expect(output).not.toMatch('prebuilds');
  });

  test.each([[['--no-addons']], [[PERMISSION, '--allow-fs-read=*']]])('%j: what to start it with is said', (flags) => {
    copy.putAddon(PREBUILT);
    const { status, output } = copy.doctor(flags);
    expect(status).toBe(1);
    expect(output).toMatch('told to load no addons: start it without --no-addons, and with --allow-addons where');
  });

  test('with --allow-addons it works under the permission model, though it may read nothing else', () => {
    copy.putAddon(PREBUILT);
    const flags = [PERMISSION, '--allow-addons', `--allow-fs-read=${copy.folder}/*`];
    expect(copy.doctor(flags)).toEqual({ status: 0, output: expect.stringMatching('works here') });
  });

  test('importing is always possible', () => {
    const program = "import * as sys from '@em/sys'; console.log(sys.isSupported())";
    expect(copy.node(['--no-addons', '--input-type=module', '-e', program])).toEqual({ status: 0, output: 'false\n' });
  });

  test.each<[Format, string]>([
    ['esm', 'mjs'],
    ['cjs', 'cjs'],
  ])(
    'in a bundle of format %s, it finds the addon in prebuilds beside the folder of the bundle',
    (format, extension) => {
      writeFileSync(join(copy.folder, 'main.js'), "import { EventFd } from '@em/sys'; new EventFd().close();");
      const bundle = `app/out/main.${extension}`;
      buildSync({
        absWorkingDir: copy.folder,
        entryPoints: ['main.js'],
        outfile: bundle,
        bundle: true,
        platform: 'node',
        format,
        logOverride: { 'empty-import-meta': 'silent' },
      });
      const { status, output } = copy.node([bundle]);
      expect(status).not.toBe(0);
      expect(output).toMatch(
        `This is a bundle (${join(copy.folder, bundle)}): copy the folder prebuilds of @em/sys to ${join(copy.folder, 'app/prebuilds')}, or set EM_SYS_BINDING to`,
      );
      expect(copy.node([bundle], { EM_SYS_BINDING: addon })).toEqual({ status: 0, output: '' });
      copy.putAddon(`../../../app/${PREBUILT}`);
      expect(copy.node([bundle])).toEqual({ status: 0, output: '' });
    },
  );
});
