// Pages show programs from `examples`. The info string of a code block names the file: ```ts examples/recipes/fifo.ts
// After a `#` stands how a line begins: the block then shows only this line, to the next that is indented no further.
//
// What a package carries with it is read where the rest of the repository is not, so its links are whole addresses.

import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '../..');

export interface Page {
  readonly path: string;
  readonly text: string;
  /** The text with each quotation as the file now is, and with whole addresses if a package carries it. */
  readonly updated: string;
}

export function readPages(): readonly Page[] {
  return globSync(['docs/**/*.md', '{packages,apps}/*/README.md', 'README.md'], { cwd: root }).map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const updated = quote(text, (file) => readFileSync(join(root, file), 'utf8'));
    return { path, text, updated: /^(packages|apps)\//.test(path) ? withWholeAddresses(path, updated) : updated };
  });
}

const url = manifest.repository.url.replace(/^git\+(.*)\.git$/, '$1');

/** The page with each relative link as the address of the same file in the repository. Programs stay as they are. */
export function withWholeAddresses(path: string, page: string): string {
  const pattern = /^```[\s\S]*?^```$|(?<=\]\()(?![a-z]+:|#)([^)#\s]+)/gm;
  return page.replace(pattern, (all, link: string | undefined) => {
    if (link === undefined) {
      return all;
    }
    const file = join(dirname(path), link);
    if (!existsSync(join(root, file))) {
      throw new Error(`${path} links to ${link}, which does not exist`);
    }
    return `${url}/${statSync(join(root, file)).isDirectory() ? 'tree' : 'blob'}/main/${file.replace(/\/$/, '')}`;
  });
}

export function quote(page: string, read: (file: string) => string): string {
  return page.replace(/^(```\w+ ([\w./-]+)(?:#(.+))?\n)[\s\S]*?^```$/gm, (_, fence, file, beginning) => {
    const program = read(file);
    return `${fence}${beginning === undefined ? program : excerpt(program, file, beginning)}\`\`\``;
  });
}

function excerpt(program: string, file: string, beginning: string): string {
  const lines = program.split('\n');
  const indent = (line: string): number => line.search(/\S/);
  const first = lines.findIndex((line) => line.trimStart().startsWith(beginning));
  if (first < 0) {
    throw new Error(`No line of ${file} begins with: ${beginning}`);
  }
  const length = lines.slice(first + 1).findIndex((line) => line !== '' && indent(line) <= indent(lines[first] ?? ''));
  return lines
    .slice(first, first + length + 2)
    .map((line) => `${line}\n`)
    .join('');
}
