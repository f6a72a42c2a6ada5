// Makes the page for man(1) of docs/em-echo-server.1.md.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paragraph, PhrasingContent, Root, Table, TableCell } from 'mdast';
import remarkGfm from 'remark-gfm';
import remarkMan from 'remark-man';
import remarkParse from 'remark-parse';
import { unified } from 'unified';

const NAME = 'em-echo-server';
const folder = import.meta.dirname;

const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
/** Marks the paragraphs that become a tagged paragraph of man(7): the tag, and what it means. */
const TAG = '\u0001';
const MEANING = '\u0002';

const page = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(() => (root: Root) => {
    const withoutTitle = root.children.filter((node) => node.type !== 'heading' || node.depth > 1);
    root.children = withoutTitle.flatMap((node) => (node.type === 'table' ? toParagraphs(node) : [node]));
  })
  .use(remarkMan, { name: NAME, section: 1, version, manual: 'User Commands' })
  .processSync(readFileSync(join(folder, `docs/${NAME}.1.md`)));
const roff = String(page)
  // The page has a section of that name.
  .replace(/^\.SH "NAME"\n.*\n(?=\.SH "NAME"\n)/m, '')
  .replaceAll(new RegExp(`^\\.P\n${TAG}(.*)\n\\.P\n${MEANING}`, 'gm'), '.TP\n$1\n')
  .replaceAll('…', '...');
writeFileSync(join(folder, `dist/${NAME}.1`), roff);

/** A terminal is too narrow for tables. The first cell of each row becomes a tag, and the last one its meaning. */
function toParagraphs({ children: [head, ...rows] }: Table): Paragraph[] {
  return rows.flatMap(({ children: cells }) => {
    const notes = cells.slice(1, -1).flatMap((cell, i) => noteOf(head?.children[i + 1], cell));
    return [
      paragraph([text(TAG), ...(cells[0]?.children ?? []), ...notes]),
      paragraph([text(MEANING), ...(cells.at(-1)?.children ?? [])]),
    ];
  });
}

/** A cell between these, with the head of its column. */
function noteOf(head: TableCell | undefined, cell: TableCell): PhrasingContent[] {
  return cell.children.length === 0
    ? []
    : [text(' ('), ...(head?.children ?? []), text(': '), ...cell.children, text(')')];
}

function paragraph(children: PhrasingContent[]): Paragraph {
  return { type: 'paragraph', children };
}

function text(value: string): PhrasingContent {
  return { type: 'text', value };
}
