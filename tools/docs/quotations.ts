// Pages show programs from `examples`. The info string of a code block names the file: ```ts examples/recipes/fifo.ts
// After a `#` stands how a line begins: the block then shows only this line, to the next that is indented no further.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface Page {
  readonly path: string;
  readonly text: string;
  /** The text with each quotation as the file now is. */
  readonly updated: string;
}

export function readPages(): readonly Page[] {
  return globSync(['docs/**/*.md', '{packages,apps}/*/README.md', 'README.md'], { cwd: root }).map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return { path, text, updated: quote(text, (file) => readFileSync(join(root, file), 'utf8')) };
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
