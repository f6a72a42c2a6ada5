import { constants } from 'node:os';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { binding } from '../src/binding.js';
import { raises } from './raises.js';

const { EBADF, EINVAL } = constants.errno;

describe('loading', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    vi.resetModules();
  });

  async function fresh(): Promise<typeof binding> {
    vi.resetModules();
    return (await import('../src/binding.js')).binding;
  }

  test('elsewhere than on Linux is refused at first use, not on import', async () => {
    const load = await fresh();
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    expect(raises(load)).toMatchObject({
      code: 'ERR_EM_UNSUPPORTED_PLATFORM',
      message: expect.stringMatching(/needs Linux; this is darwin .*FakePoller/),
    });
  });

  test('takes EM_SYS_BINDING first, and falls back to the build of this package', async () => {
    vi.stubEnv('EM_SYS_BINDING', '/nowhere/em_sys.node');
    const load = await fresh();
    expect(load().epollCreate).toBeTypeOf('function');
  });
});

describe('a native function called with what it does not take', () => {
  const hostile = [
    undefined,
    null,
    Number.NaN,
    -1,
    1.5,
    2 ** 31,
    2 ** 32 + 3,
    2 ** 53,
    Number.POSITIVE_INFINITY,
    '3',
    3n,
    {},
    [],
    Symbol('fd'),
    () => 3,
    new Uint8Array(0),
    new Uint8Array(8),
    new Uint32Array(0),
    new BigUint64Array(1),
    new ArrayBuffer(8),
    new DataView(new ArrayBuffer(8)),
    new Proxy({}, {}),
  ];
  const native: object = binding();
  const names = Object.keys(native).filter((name) => name !== 'socketConstants');

  test.each(names)('%s() answers with -errno in every position', (name) => {
    const call: (...args: unknown[]) => unknown = Reflect.get(native, name);
    const allowed = new Set<unknown>([-EINVAL, -EBADF]);
    const positions = name === 'eventfd' || name === 'close' || name === 'accept' ? [0] : [0, 1, 2, 3];
    for (const position of positions) {
      for (const value of hostile) {
        const args: unknown[] = [-1, -1, -1, -1];
        args[position] = value;
        const result = call(...args);
        // Nothing is open under -1, so no call can succeed but these two, which take no fd.
        if (['epollCreate', 'eventfd'].includes(name) && typeof result === 'number' && result >= 0) {
          binding().close(result);
        } else {
          expect(allowed, `${name}(${args.map(String)}) = ${String(result)}`).toContain(result);
        }
      }
    }
  });

  test('a part beyond the buffer is -EINVAL, and nothing is written', () => {
    const fd = binding().eventfd(1);
    const bytes = new Uint8Array(16).fill(7);
    for (const [offset, length] of [
      [9, 8],
      [16, 1],
      [17, 0],
      [0, 17],
      [2 ** 32 - 8, 16],
    ] as const) {
      expect(binding().read(fd, bytes, offset, length)).toBe(-EINVAL);
    }
    expect(bytes.every((byte) => byte === 7)).toBe(true);
    expect(binding().read(fd, bytes, 8, 8)).toBe(8);
    binding().close(fd);
  });

  test('a batch without room for one entry is -EINVAL', () => {
    const epollFd = binding().epollCreate();
    expect(binding().epollWait(epollFd, new Uint32Array(2), 0)).toBe(-EINVAL);
    binding().close(epollFd);
  });
});
