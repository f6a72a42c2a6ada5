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
  /** Whether all of its imports are bound when it is loaded, rather than each at its first call. */
  readonly bindsNow: boolean;
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
    bindsNow: /\(FLAGS\) +.*BIND_NOW/.test(headers),
  };
}

/**
 * Where a debugger or profiler looks for the caller's frame at each instruction that pushes something after a system call
 * of the addon, and at the one that takes all of it away: `rbp+16` is right, `rsp+` a constant is not. x64 only.
 */
export function frameRulesAfterSystemCalls(path: string): string[] {
  const rows = [...run('readelf', '--debug-dump=frames-interp', path).matchAll(/^([\da-f]{16}) (\w+(?:\+\d+)?) /gm)];
  const rules = rows.map(([, from = '', rule = '']) => ({ from: Number.parseInt(from, 16), rule }));
  rules.sort((a, b) => a.from - b.from);
  const code = run('objdump', '--disassemble', '--no-show-raw-insn', path);
  const blocks = code.matchAll(/:\tsyscall *\n.*:\tlea +-0x80\(%rsp\),%rsp\n((?:.*\n)*?.*:\tlea +0x100\(%rsp\),%rsp)/g);
  return [...blocks].flatMap(([, block = '']) =>
    [...block.matchAll(/^ *([\da-f]+):/gm)].map(([, at = '']) => {
      const address = Number.parseInt(at, 16);
      return rules.findLast(({ from }) => from <= address)?.rule ?? 'none';
    }),
  );
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
