import { join } from 'node:path';
import { type Command, programContestant } from './child.ts';
import { compileProgram } from './compile.ts';
import type { Contestant } from './question.ts';

/** The folder of the contestants in JavaScript. */
export const PROGRAMS: string = join(import.meta.dirname, '../programs');

/** An argument, or what makes it when it is first needed. */
type Arg = string | (() => Promise<string>);

/** The path of a program in `programs/`. */
export function programPath(program: string): string {
  return join(PROGRAMS, `${program}.ts`);
}

/** A program in `native/`, compiled when it is first needed. */
export function nativeProgram(name: string, program: string, ...args: string[]): Contestant {
  return programContestant(name, nativeCommand(program, ...args));
}

export function nativeCommand(program: string, ...args: string[]): () => Promise<Command> {
  return async () => [await compileProgram(program), ...args];
}

/** A program in `programs/`, on the Node that runs this. */
export function nodeProgram(name: string, program: string, ...args: Arg[]): Contestant {
  return programContestant(name, nodeCommand(program, ...args));
}

export function nodeCommand(program: string, ...args: Arg[]): () => Promise<Command> {
  return async () => {
    const values = await Promise.all(args.map((arg) => (typeof arg === 'string' ? arg : arg())));
    return [process.execPath, programPath(program), ...values];
  };
}

/** A program all threads of which share one processor. */
export function onOneProcessor(name: string, command: () => Promise<Command>): Contestant {
  return programContestant(
    name,
    async (): Promise<Command> => [await compileProgram('on-one-processor'), ...(await command())],
  );
}
