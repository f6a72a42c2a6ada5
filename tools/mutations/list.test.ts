import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { MUTATIONS } from './list.ts';

const root = join(import.meta.dirname, '../..');
const UNUSED_CODE = { noUnusedLocals: false, noUnusedParameters: false, allowUnreachableCode: true };

/** Type-checks a package with one of its files replaced, again and again. */
class Checker {
  readonly #service: ts.LanguageService;
  #path = '';
  #text = '';
  #version = 0;

  constructor(folder: string) {
    const tsconfig = join(folder, 'tsconfig.json');
    const { options, fileNames } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(tsconfig, ts.sys.readFile).config,
      ts.sys,
      folder,
    );
    this.#service = ts.createLanguageService({
      // A mutant may leave code unused.
      getCompilationSettings: () => ({ ...options, ...UNUSED_CODE }),
      getScriptFileNames: () => fileNames,
      getScriptVersion: (path) => (path === this.#path ? `${this.#version}` : 'as it is'),
      getScriptSnapshot: (path) => {
        const text = path === this.#path ? this.#text : ts.sys.readFile(path);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => folder,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      directoryExists: ts.sys.directoryExists,
      realpath: (path) => ts.sys.realpath?.(path) ?? path,
    });
  }

  errors(path: string, text: string): readonly string[] {
    this.#path = path;
    this.#text = text;
    this.#version++;
    const found = [...this.#service.getSyntacticDiagnostics(path), ...this.#service.getSemanticDiagnostics(path)];
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  }
}

const files = [...new Set(MUTATIONS.map(({ file }) => file))];
const checkers = new Map<string, Checker>();

describe.each(files)('%s', (file) => {
  const path = join(root, file);
  const source = ts.sys.readFile(path) ?? '';
  const folder = path.slice(0, path.indexOf('/src/'));
  const checker = checkers.get(folder) ?? new Checker(folder);
  checkers.set(folder, checker);

  test('type-checks as it is', () => {
    expect(checker.errors(path, source)).toEqual([]);
  });

  test.each(MUTATIONS.filter((mutation) => mutation.file === file))(
    '$what: the edit applies exactly once, and the file still type-checks',
    ({ find, replace }) => {
      expect(source.split(find)).toHaveLength(2);
      expect(
        checker.errors(
          path,
          source.replace(find, () => replace),
        ),
      ).toEqual([]);
    },
  );
});
