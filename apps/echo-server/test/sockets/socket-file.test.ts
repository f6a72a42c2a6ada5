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

/** Binding, as far as the file goes. */
function bind(): string {
  if (existsSync(path)) {
    throw systemError('EADDRINUSE');
  }
  writeFileSync(path, '');
  return 'bound';
}

function knock(code?: string): () => void {
  return () => {
    if (code !== undefined) {
      throw systemError(code);
    }
  };
}

/** Leaves the file of a socket that nobody has any more: Node removes the name it knows, and no other. */
async function leaveSocketFile(): Promise<void> {
  const server = createServer();
  await once(server.listen(`${path}.own`), 'listening');
  linkSync(`${path}.own`, path);
  await once(server.close(), 'close');
}

describe('the file of a socket', () => {
  test('is there until it is removed, once', () => {
    const { socket, removeFile } = bindToPath(path, bind, knock());
    expect(socket).toBe('bound');
    expect(existsSync(path)).toBe(true);
    removeFile();
    expect(existsSync(path)).toBe(false);
    expect(removeFile).not.toThrow();
  });

  test('is left alone if it is that of a successor', () => {
    const { removeFile } = bindToPath(path, bind, knock());
    writeFileSync(`${path}.new`, 'successor');
    rmSync(path);
    linkSync(`${path}.new`, path);
    removeFile();
    expect(existsSync(path)).toBe(true);
  });

  test('does not exist for an abstract name', () => {
    const { socket, removeFile } = bindToPath('\0echo', () => 'bound', knock());
    expect(socket).toBe('bound');
    expect(removeFile).not.toThrow();
  });
});

describe('a file that is in the way', () => {
  test('is replaced if it is a socket and nobody answers on it', async () => {
    await leaveSocketFile();
    expect(bindToPath(path, bind, knock('ECONNREFUSED')).socket).toBe('bound');
    expect(statSync(path).isFile()).toBe(true);
  });

  test.each([undefined, 'EAGAIN', 'EPROTOTYPE', 'EACCES'])(
    'is left alone if somebody may be there (knocking: %s)',
    async (code) => {
      await leaveSocketFile();
      expect(() => bindToPath(path, bind, knock(code))).toThrow('EADDRINUSE');
      expect(statSync(path).isSocket()).toBe(true);
    },
  );

  test('is left alone if it is no socket', () => {
    writeFileSync(path, 'precious');
    expect(() => bindToPath(path, bind, knock('ECONNREFUSED'))).toThrow('EADDRINUSE');
    expect(statSync(path).size).toBe(8);
  });

  test('is nobody else in an abstract name', () => {
    const taken = () => {
      throw systemError('EADDRINUSE');
    };
    expect(() => bindToPath('\0echo', taken, knock('ECONNREFUSED'))).toThrow('EADDRINUSE');
  });

  test('is no matter where binding fails for another reason', () => {
    const forbidden = () => {
      throw systemError('EACCES');
    };
    expect(() => bindToPath(path, forbidden, knock('ECONNREFUSED'))).toThrow('EACCES');
  });
});
