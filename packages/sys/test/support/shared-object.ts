import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

/** What the dynamic loader finds in a shared object. */
export interface SharedObject {
  readonly bytes: number;
  readonly machine: string;
  /** Libraries that it has loaded, and the versions of their symbols that it insists on. */
  readonly needs: readonly string[];
  readonly exports: readonly string[];
  /** Left to the program that loads it; those that it can do without are not among them. */
  readonly imports: readonly string[];
}

export function readSharedObject(path: string): SharedObject {
  const headers = run('readelf', '--wide', '--file-header', '--dynamic', '--version-info', path);
  const symbols = dynamicSymbols(path);
  return {
    bytes: statSync(path).size,
    machine: /Machine: +(.+)/.exec(headers)?.[1] ?? '',
    needs: headers.split('\n').filter((line) => /\(NEEDED\)|\bName: /.test(line)),
    exports: symbols.filter(({ kind }) => kind === 'T').map(({ name }) => name),
    imports: symbols.filter(({ kind }) => kind === 'U').map(({ name }) => name),
  };
}

/** The symbols that a program finds in glibc of this version, going by the one that this process runs on. */
export function glibcSymbols(major: number, minor: number): ReadonlySet<string> {
  const libc = /\S+\/libc\.so\.6$/m.exec(readFileSync('/proc/self/maps', 'utf8'))?.[0] ?? '';
  const names = new Set<string>();
  for (const { name } of dynamicSymbols(libc)) {
    const [, symbol = '', since = ''] = /^(.+?)@@?GLIBC_(.+)$/.exec(name) ?? [];
    const [sinceMajor = 0, sinceMinor = 0] = since.split('.').map(Number);
    if (symbol !== '' && (sinceMajor < major || (sinceMajor === major && sinceMinor <= minor))) {
      names.add(symbol);
    }
  }
  return names;
}

/** The names of all that a library has to offer. */
export function symbolsOf(library: string): string[] {
  return dynamicSymbols(library).map(({ name }) => name);
}

function dynamicSymbols(path: string): { name: string; kind: string }[] {
  const lines = run('nm', '--dynamic', '--format=posix', path).split('\n');
  return lines.map((line) => line.split(' ')).map(([name = '', kind = '']) => ({ name, kind }));
}

function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' });
}
