import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { EventManager } from '@em/core';
import { FakePoller } from '@em/testing';
import { LineReader } from './line-reader.ts';

const text = new TextEncoder();
let poller: FakePoller;
let manager: EventManager;
let seen: string[];

beforeEach(() => {
  poller = new FakePoller();
  manager = new EventManager({ poller });
  seen = [];
});

function readLines() {
  const { reader, writer } = poller.pipe();
  const note = (line: string) => void seen.push(line);
  new LineReader(manager, reader, note, () => note('(end)'));
  return writer;
}

test('a line is reported when it is complete, even if it arrives in pieces', () => {
  const writer = readLines();
  writer.write(text.encode('one\ntw'));
  manager.wait();
  assert.deepEqual(seen, ['one']);
  writer.write(text.encode('o\n\n'));
  manager.wait();
  assert.deepEqual(seen, ['one', 'two', '']);
});

test('the rest of the data is reported before the end', () => {
  const writer = readLines();
  writer.write(text.encode('last\n'));
  writer.close();
  manager.wait();
  manager.wait();
  assert.deepEqual(seen, ['last', '(end)']);
  assert.equal(manager.size, 0);
});

test('no line is reported before it arrives', () => {
  const writer = readLines();
  poller.after(5_000, () => writer.write(text.encode('late\n')));
  assert.equal(manager.wait(4_999), 0);
  assert.equal(manager.wait(), 1);
  assert.equal(poller.nowMs, 5_000);
  assert.deepEqual(seen, ['late']);
});

test('the constructor throws if the fd cannot be watched', () => {
  poller.failNext('add', 'ENOSPC');
  assert.throws(() => readLines(), { code: 'ENOSPC' });
  assert.equal(manager.size, 0);
});
