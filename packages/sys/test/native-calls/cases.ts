import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { inspect } from 'node:util';
import { isArrayBuffer, isBigInt64Array, isExternal, isUint8Array, isUint32Array } from 'node:util/types';
import { type Memory, memoryOf } from './arrays.js';
import { type Argument, CALLS, type NativeName } from './calls.js';
import type { Files } from './files.js';

const { EBADF, EINVAL } = constants.errno;
/** `MAX_ERRNO` of linux/err.h. */
const MAX_ERRNO = 4095;
/** What is open under none of them, whatever else is. */
const NOT_OPEN = [-1, -(2 ** 31), 2 ** 31 - 1, 1_000_000];

/** What is tried on each native function, by what is claimed. */
export const CASES: Readonly<Record<string, (files: Files, name: NativeName) => void>> = {
  'accepts valid arguments': (files, name) => {
    const call = new Trial(files, name);
    call.expectTaken();
  },

  'refuses a wrong value for each argument, without a callback and without a change': (files, name) => {
    const call = new Trial(files, name);
    for (const [at, { refused }] of call.takes.entries()) {
      for (const value of refused) {
        call.expectRefused(call.args.with(at, value));
      }
    }
    for (let count = 0; count < call.args.length; count++) {
      call.expectRefused(call.args.slice(0, count));
    }
    call.expectTaken();
  },

  'refuses an fd that is not open': (files, name) => {
    const call = new Trial(files, name);
    for (const [at] of fdsOf(call)) {
      for (const fd of NOT_OPEN) {
        const args = call.args.with(at, fd);
        const result = call.run(args);
        assert.ok(result === -EBADF || result === -EINVAL, call.show(args, result));
      }
    }
    call.expectTaken();
  },

  'accepts or refuses each kind of file': (files, name) => {
    for (const open of Object.values(files.kinds)) {
      for (const [at] of fdsOf(new Trial(files, name))) {
        const call = new Trial(files, name);
        call.runAndRelease(call.args.with(at, open()));
      }
    }
  },

  'stays within unusual memory': (files, name) => {
    for (const [at, { odd }] of new Trial(files, name).takes.entries()) {
      for (const memory of odd?.() ?? []) {
        const call = new Trial(files, name);
        call.runAndRelease(call.args.with(at, memory));
      }
    }
  },
};

function fdsOf({ takes }: Trial): [at: number, argument: Argument][] {
  return [...takes.entries()].filter(([, { isFd }]) => isFd);
}

/** A native function, with arguments that it takes. */
class Trial {
  readonly takes: readonly Argument[];
  readonly args: readonly unknown[];
  readonly #files: Files;
  readonly #name: NativeName;

  constructor(files: Files, name: NativeName) {
    this.#files = files;
    this.#name = name;
    this.takes = CALLS[name].takes(files);
    this.args = this.takes.map(({ value }) => value);
  }

  /** Calls it: it must not throw, and must have written to no memory but its arrays'. */
  run(args: readonly unknown[]): unknown {
    const before = surroundingsOf(args);
    const result: unknown = Reflect.apply(this.#files.native[this.#name], undefined, args);
    const isNumber = Number.isInteger(result) && Number(result) >= -MAX_ERRNO;
    assert.ok(isNumber || typeof result === 'string' || isExternal(result), this.show(args, result));
    assert.deepEqual(surroundingsOf(args), before, `${this.show(args, result)} has written beside an array`);
    return result;
  }

  runAndRelease(args: readonly unknown[]): unknown {
    const result = this.run(args);
    CALLS[this.#name].release?.(this.#files, result, args);
    return result;
  }

  expectRefused(args: readonly unknown[]): void {
    const before = contentsOf(this.args);
    const result = this.runAndRelease(args);
    assert.equal(result, -EINVAL, this.show(args, result));
    assert.deepEqual(contentsOf(this.args), before, `${this.show(args, result)} has changed an array`);
  }

  expectTaken(): void {
    const result = this.runAndRelease(this.args);
    assert.ok(typeof result !== 'number' || result >= 0, this.show(this.args, result));
  }

  show(args: readonly unknown[], result: unknown): string {
    const shown = inspect(args, { maxStringLength: 20, maxArrayLength: 3, compact: true });
    return `${this.#name}(${shown}) = ${inspect(result)}`;
  }
}

function contentsOf(args: readonly unknown[]): string[] {
  return args.filter(isMemory).map((memory) => memoryOf(memory).contents);
}

function surroundingsOf(args: readonly unknown[]): string[] {
  return args.filter(isMemory).map((memory) => memoryOf(memory).surroundings);
}

export function isMemory(value: unknown): value is Memory {
  return isArrayBuffer(value) || isUint8Array(value) || isUint32Array(value) || isBigInt64Array(value);
}
