import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Puts a program of `consumers` into a project, as a module that every runtime reads: `main.mjs`. */
export function addConsumer(project: string, name: string): void {
  const source = readFileSync(join(import.meta.dirname, 'consumers', `${name}.ts`), 'utf8');
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(join(project, 'main.mjs'), ts.transpileModule(source, { compilerOptions }).outputText);
}
