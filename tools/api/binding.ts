import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const SYS = join(import.meta.dirname, '../../packages/sys');
const DECLARATION = join(SYS, 'src/addon/binding.ts');
const INTERFACES = new Set(['Binding', 'SocketConstants']);

/** The record of what TypeScript expects of the addon. */
export const ABI_RECORD = join(SYS, 'native/abi.txt');

/** Returns the number of the ABI, and below it each call and constant of the addon. */
export function abiOfSource(): string {
  const text = readFileSync(join(SYS, 'src/load-addon.ts'), 'utf8');
  const abi = /^const ABI = (\d+);$/m.exec(text)?.[1];
  if (abi === undefined) {
    throw new Error('load-addon.ts has no line "const ABI = <number>;"');
  }
  return abiText(abi, readFileSync(DECLARATION, 'utf8'));
}

/** @param declaration - TypeScript with the interface `Binding`. */
export function abiText(abi: string, declaration: string): string {
  const printer = ts.createPrinter({ removeComments: true });
  const file = ts.createSourceFile(DECLARATION, declaration, ts.ScriptTarget.ES2023);
  const members = file.statements
    .filter((statement) => ts.isInterfaceDeclaration(statement))
    .filter(({ name }) => INTERFACES.has(name.text))
    .flatMap((one) => [...one.members].map((member) => printer.printNode(ts.EmitHint.Unspecified, member, file)));
  return `ABI ${[abi, ...members].join('\n')}\n`;
}

/** The message when the calls changed, and the number did not. */
export const RAISE =
  'The calls of the addon changed, but the number of the ABI did not: raise ABI in load-addon.ts and kAbi in addon.cc, then run `pnpm api`';

/** Returns why the record does not match the source and what to do, or `undefined` if it matches. */
export function abiProblem(recorded: string, current: string): string | undefined {
  if (recorded === current) {
    return undefined;
  }
  return recorded.split('\n', 1)[0] === current.split('\n', 1)[0]
    ? RAISE
    : 'The number of the ABI changed: run `pnpm api`, and review packages/sys/native/abi.txt';
}
