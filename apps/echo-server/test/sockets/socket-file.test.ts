import { once } from 'node:events';
import { existsSync, linkSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bindToPath } from '../../src/sockets/socket-file.js';
import { systemError } from '../fakes/system-error.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-echo-'));
  path = join(folder, 'echo.sock');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Binds as the kernel does, as far as the file is concerned. */
function bind(): string {
  if (existsSync(path)) {
    throw systemError('EADDRINUSE');
  }
  writeFileSync(path, '');
  return 'bound';
}

function probe(code?: string): () => void {
  return () => {
    if (code !== undefined) {
      throw systemError(code);
    }
  };
}

/** Leaves a stale socket file: Node removes only the name that it knows. */
async function leaveSocketFile(): Promise<void> {
  const server = createServer();
  await once(server.listen(`${path}.own`), 'listening');
  linkSync(`${path}.own`, path);
  await once(server.close(), 'close');
}

describe('the file of a socket', () => {
  test('exists until it is removed once', () => {
    const { socket, removeFile } = bindToPath(path, bind, probe());
    expect(socket).toBe('bound');
    expect(existsSync(path)).toBe(true);
    removeFile();
    expect(existsSync(path)).toBe(false);
    expect(removeFile).not.toThrow();
  });

  test('stays if it is that of another server', () => {
    const { removeFile } = bindToPath(path, bind, probe());
    writeFileSync(`${path}.new`, 'successor');
    rmSync(path);
    linkSync(`${path}.new`, path);
    removeFile();
    expect(existsSync(path)).toBe(true);
  });

  test('does not exist for an abstract name', () => {
    const { socket, removeFile } = bindToPath('\0echo', () => 'bound', probe());
    expect(socket).toBe('bound');
    expect(removeFile).not.toThrow();
  });
});

describe('a file at the path', () => {
  test('is replaced if it is a socket that no server uses', async () => {
    await leaveSocketFile();
    expect(bindToPath(path, bind, probe('ECONNREFUSED')).socket).toBe('bound');
    expect(statSync(path).isFile()).toBe(true);
  });

  test.each([undefined, 'EAGAIN', 'EPROTOTYPE', 'EACCES'])(
    'stays if a server may use it (the probe gets %s)',
    async (code) => {
      await leaveSocketFile();
      expect(() => bindToPath(path, bind, probe(code))).toThrow('EADDRINUSE');
      expect(statSync(path).isSocket()).toBe(true);
    },
  );

  test('stays if it is not a socket', () => {
    writeFileSync(path, 'precious');
    expect(() => bindToPath(path, bind, probe('ECONNREFUSED'))).toThrow('EADDRINUSE');
    expect(statSync(path).size).toBe(8);
  });

  test('does not matter to an abstract name with the same letters', () => {
    const taken = () => {
      throw systemError('EADDRINUSE');
    };
    expect(() => bindToPath('\0echo', taken, probe('ECONNREFUSED'))).toThrow('EADDRINUSE');
  });

  test('stays if binding fails for another reason', () => {
    const forbidden = () => {
      throw systemError('EACCES');
    };
    expect(() => bindToPath(path, forbidden, probe('ECONNREFUSED'))).toThrow('EACCES');
  });
});
