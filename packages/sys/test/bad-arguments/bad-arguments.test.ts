import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import * as core from '@em/core';
import { afterEach, expect, test } from 'vitest';
import * as sys from '../../src/index.js';
import { AnyFd, type Keep } from '../support/file-makers.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { CALLS } from './calls.js';

type Callable = (...args: unknown[]) => unknown;

/** What only this package calls; and the poller, which is called by a manager with what that has checked. */
const NOT_FOR_USERS = /^new (OwnedFd|Inotify|Pipe\w*|\w*Socket|Tcp\w+|Unix(?!\w+Batch)\w+)$|^EpollPoller\./;
const MISUSE: unknown[] = ['ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE'];

const kept: { close(): void }[] = [];
const keep: Keep = (closable) => {
  kept.push(closable);
  return closable;
};

expectNoFilesLeftOpen();

afterEach(() => {
  for (const closable of kept.splice(0).reverse()) {
    closable.close();
  }
});

test('whatever takes an argument is here', () => {
  expect(Object.keys(CALLS).sort()).toEqual(whatTakesArguments());
});

test.each(Object.entries(CALLS))('%s() refuses what it does not take, and has changed nothing', (name, call) => {
  const [on, ...takes] = call(keep);
  const args = takes.map(({ value }) => value);
  const before = stateOf(on);
  for (const [at, { refused }] of takes.entries()) {
    for (const [value, code] of refused) {
      const wrong = args.with(at, value);
      expect(outcomeOf(name, on, wrong), `${name}(${inspect(wrong)})`).toMatchObject({ thrown: { code } });
    }
  }
  expect(stateOf(on)).toEqual(before);
  expect(MISUSE).not.toContain(outcomeOf(name, on, args).thrown?.code);
});

/** What a call throws, if it does; what it makes is kept. */
function outcomeOf(name: string, on: object, args: unknown[]): { thrown?: { code?: unknown } } {
  try {
    const method = name.split('.').at(-1) ?? name;
    const result: unknown = name.startsWith('new ')
      ? Reflect.construct(on as new () => object, args)
      : Reflect.apply(Reflect.get(on, method), on, args);
    if (isClosable(result)) {
      keep(result);
    }
    if (name === 'dup' || name === 'open') {
      keep(new AnyFd(Number(result)));
    }
    return {};
  } catch (error) {
    return { thrown: error as { code?: unknown } };
  }
}

function isClosable(value: unknown): value is { close(): void } {
  return typeof value === 'object' && value !== null && 'close' in value;
}

/** What the kernel says of the file. */
function stateOf(on: object): unknown {
  const fd: unknown = 'fd' in on ? on.fd : undefined;
  return fd === undefined ? '' : readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
}

function whatTakesArguments(): string[] {
  const found = new Map<string, Callable>();
  const ofCore = new Set<unknown>(Object.values(core));
  for (const [name, value] of Object.entries(sys) as [string, Callable][]) {
    if (ofCore.has(value)) {
      continue;
    }
    for (const [method, call] of methodsOf(value)) {
      found.set(`${name}.${method}`, call);
    }
    if (!isClass(value)) {
      if (typeof value === 'function') {
        found.set(name, value);
      }
      continue;
    }
    found.set(`new ${name}`, value);
    for (let type: Callable = value; isClass(type) && !ofCore.has(type); type = Object.getPrototypeOf(type)) {
      for (const [method, call] of methodsOf(type.prototype)) {
        found.set(`${type.name}.prototype.${method}`, call);
      }
    }
  }
  const taking = [...found].filter(([name, call]) => takesArguments(call) && !NOT_FOR_USERS.test(name));
  return taking.map(([name]) => name).sort();
}

function isClass(value: unknown): value is Callable {
  return typeof value === 'function' && sourceOf(value).startsWith('class');
}

function methodsOf(owner: object): [string, Callable][] {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(owner));
  const methods = properties.filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor');
  return methods.map(([name, { value }]) => [name, value]);
}

/** Whether there is something between the parentheses. */
function takesArguments(call: Callable): boolean {
  const parameters = isClass(call) ? parametersOf(call) : /\(([^)]*)/.exec(sourceOf(call))?.[1];
  return (parameters ?? '').trim() !== '';
}

/** The parameters of the constructor, which may be inherited. */
function parametersOf(type: Callable): string | undefined {
  const own = /^\s*constructor\(([^)]*)/m.exec(sourceOf(type))?.[1];
  const parent: Callable = Object.getPrototypeOf(type);
  return own ?? (isClass(parent) ? parametersOf(parent) : undefined);
}

function sourceOf(call: object): string {
  return Reflect.apply(Function.prototype.toString, call, []);
}
