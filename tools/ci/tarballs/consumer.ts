import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Adds a program of `consumers` to a project, as `main.mjs`. */
export function addConsumer(project: string, name: string): void {
  const source = readFileSync(join(import.meta.dirname, 'consumers', `${name}.ts`), 'utf8');
  addProgram(join(project, 'main.mjs'), source);
}

/** Compiles a program in TypeScript to a module that every runtime can load. */
export function addProgram(path: string, source: string): void {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(path, ts.transpileModule(source, { compilerOptions }).outputText);
}
