// Where the docs use a symbol, so that its page in the API reference can link there.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isApi, sources, summarize } from '../markdown/pages.ts';
import { slug } from '../markdown/slug.ts';
import { root } from '../repository.ts';
import { type ApiSymbol, createLookup } from './symbols.ts';

export interface Mention {
  /** The title of the page, and of the section if there is one. */
  readonly text: string;
  /** The path from the root of the repository, with the anchor of the section. */
  readonly link: string;
}

const MOST = 8;
const FIRST = ['docs/cheat-sheet.md', 'docs/guide.md', 'docs/streams.md', 'docs/recipes/', 'packages/', 'docs/'];

/** The first mention of each symbol on each page, best pages first. */
export function findMentions(symbols: readonly ApiSymbol[]): ReadonlyMap<ApiSymbol, readonly Mention[]> {
  const lookup = createLookup(symbols);
  const mentions = new Map<ApiSymbol, Mention[]>();
  const rank = (path: string): number => FIRST.findIndex((start) => path.startsWith(start));
  const pages = sources
    .filter((path) => !isApi(path) && rank(path) >= 0 && !path.startsWith('docs/decisions/'))
    .sort((a, b) => rank(a) - rank(b));
  for (const path of pages) {
    const { title } = summarize(path);
    const seen = new Set<ApiSymbol>();
    for (const { name, section } of namesOn(readFileSync(join(root, path), 'utf8'))) {
      const symbol = lookup(name, path);
      if (symbol !== undefined && !seen.has(symbol)) {
        seen.add(symbol);
        const all = mentions.get(symbol) ?? [];
        mentions.set(symbol, all);
        if (all.length < MOST) {
          const text = section === undefined ? title : `${title}: ${section}`;
          all.push({ text, link: `/${path}${section === undefined ? '' : `#${slug(section)}`}` });
        }
      }
    }
  }
  return mentions;
}

/** The names in inline code and in imports of programs, each with the section that it is in. */
function* namesOn(text: string): Generator<{ name: string; section: string | undefined }> {
  let section: string | undefined;
  let isCode = false;
  for (const line of text.split('\n')) {
    isCode = line.startsWith('```') ? !isCode : isCode;
    if (!isCode && /^##+ /.test(line)) {
      section = line.replace(/^#+ /, '').replace(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1');
    }
    const names = isCode
      ? (/^import (?:type )?\{(.*)\} from '@em\//.exec(line)?.[1]?.matchAll(/(\w+)/g) ?? [])
      : line.matchAll(/`([A-Z]\w+|[a-z]+[A-Z]\w*(?=\())[^`\n]*`/g);
    for (const [, name = ''] of names) {
      yield { name, section };
    }
  }
}
