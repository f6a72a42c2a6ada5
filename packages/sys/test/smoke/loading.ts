import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { EventSet } from '@em/core';
import * as sys from '@em/sys';
import { runTests, test, testUnless } from '../../../../tools/ci/runtimes/run-tests.js';

const require = createRequire(import.meta.url);
/** For example, `node 20.20.2`. */
const [runtime = '', version] = process.env['EM_RUNTIME']?.split(' ') ?? [];

test(`this is ${runtime} ${version}`, () => {
  assert.equal(process.versions[runtime], version);
});

test('import(), require() and import give the same exports', async () => {
  const names = Object.keys(sys).sort();
  assert.ok(names.includes('EventManager'));
  assert.deepEqual(Object.keys(await import('@em/sys')).sort(), names);
  assert.deepEqual(Object.keys(require('@em/sys')).sort(), names);
});

test('a manager from require() works', () => {
  const { EventManager, EventFd } = require('@em/sys') as typeof sys;
  const manager = new EventManager();
  const eventFd = new EventFd(1);
  manager.add(eventFd, EventSet.IN, () => undefined);
  assert.equal(manager.wait(), 1);
  manager.close();
  eventFd.close();
});

test('Symbol.dispose closes a manager and fd objects', () => {
  const opened = [new sys.EventManager(), new sys.EventFd(), new sys.TimerFd(), new sys.Inotify()];
  for (const one of opened) {
    one[Symbol.dispose]();
  }
  assert.deepEqual(
    opened.map((one) => 'closed' in one && one.closed),
    [true, true, true, true],
  );
});

/** Compiled at run time, because TypeScript would replace `using` by other code. */
const use = compile('make', 'using made = make(); return made;');
testUnless(use === undefined && 'this runtime does not know the syntax', 'using closes an fd object', () => {
  assert.equal(use?.(() => new sys.EventFd()).closed, true);
});

function compile(parameter: string, body: string): ((make: () => sys.EventFd) => sys.EventFd) | undefined {
  try {
    return new Function(parameter, body) as (make: () => sys.EventFd) => sys.EventFd;
  } catch {
    return undefined;
  }
}

await runTests();
