import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

/** A shared object as the dynamic loader reads it. */
export interface SharedObject {
  readonly bytes: number;
  readonly machine: string;
  /** The libraries that it needs, and the versions of their symbols that it requires. */
  readonly needs: readonly string[];
  readonly exports: readonly string[];
  /** Symbols that the program which loads it must have. Weak ones are not among them. */
  readonly imports: readonly string[];
  /** Whether its imports are bound when it is loaded. Otherwise, each is bound at its first call. */
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
 * Returns the rules by which a debugger or profiler finds the caller's frame after a system call of the addon: at each
 * instruction that pushes, and at the one that pops everything. `rbp+16` is right, `rsp+` a constant is wrong. x64
 * only.
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

/** Returns the symbols of glibc in this version, as the glibc of this process lists them. */
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

/** Returns the names of the dynamic symbols of a library. */
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
