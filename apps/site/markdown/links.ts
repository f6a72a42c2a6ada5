// Makes the links of the Markdown files work on the site. In a file they lead to other files, relative to it or, in what
// packages carry with them, by the address of the repository. If the file is a page of the site, the link leads there;
// if not, to the file in the repository. Besides, the first mention of each symbol on a page becomes a link to its page
// in the API reference.

import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { createLookup, readSymbols } from '../api/symbols.ts';
import { repositoryUrl, root } from '../repository.ts';
import { addressOf, type Environment, isApi, sourceOf } from './pages.ts';

type Token = ReturnType<MarkdownRenderer['parse']>[number];
type TokenType = new (type: string, tag: string, nesting: 1 | 0 | -1) => Token;

const ofRepository = new RegExp(`^${repositoryUrl}/(?:blob|tree)/main/`);

// `EventFd`, `EventFd.adopt`, `toReadable()`, but not `close()`, which nearly always means a method.
const isSymbol = /^([A-Z]\w+(\.\w+)?(\(.*\))?|[a-z]+[A-Z]\w*\(.*\))$/;

const NESTING: Readonly<Record<string, number>> = { link_open: 1, link_close: -1 };

export function useRepositoryLinks(md: MarkdownRenderer): void {
  const lookup = createLookup(readSymbols());
  md.core.ruler.push('repository-links', (state) => {
    const page = sourceOf(state.env as Environment);
    if (page === undefined) {
      return;
    }
    let isHeading = false;
    const seen = new Set<string>();
    for (const token of state.tokens) {
      isHeading = token.type === 'heading_open' || (isHeading && token.type !== 'heading_close');
      const children = token.children ?? [];
      for (const child of children) {
        const href = child.type === 'link_open' ? child.attrGet('href') : null;
        if (href !== null) {
          child.attrSet('href', resolveLink(page, href));
        }
      }
      if (token.type === 'inline' && !isHeading && !isApi(page)) {
        token.children = linkSymbols(children, state.Token as unknown as TokenType, (name) => {
          const symbol = seen.has(name) ? undefined : lookup(name, page);
          seen.add(name);
          return symbol?.address;
        });
      }
    }
  });
}

/** Where a link of a page leads to on the site. Throws if it leads to nothing. */
function resolveLink(page: string, href: string): string {
  const inRepository = href.replace(ofRepository, '/');
  if (/^(#|[a-z]+:)/.test(inRepository)) {
    return href;
  }
  const [, path = '', anchor = ''] = /^([^#]*)(#.*)?$/.exec(inRepository) ?? [];
  const target = path.startsWith('/') ? path.slice(1) : join(dirname(page), path);
  const file = target.replace(/\/$/, '');
  if (!existsSync(join(root, file))) {
    throw new Error(`${page} links to ${href}, which does not exist`);
  }
  const isFolder = statSync(join(root, file)).isDirectory();
  const address = addressOf(isFolder ? join(file, 'README.md') : file);
  return address === undefined
    ? `${repositoryUrl}/${isFolder ? 'tree' : 'blob'}/main/${file}${anchor}`
    : `${address}${anchor}`;
}

function linkSymbols(
  children: readonly Token[],
  TokenClass: TokenType,
  addressOfSymbol: (name: string) => string | undefined,
): Token[] {
  let depth = 0;
  return children.flatMap((child) => {
    depth += NESTING[child.type] ?? 0;
    const [name] = (child.type === 'code_inline' && depth === 0 && /^\w+/.exec(child.content)) || [];
    const address = name !== undefined && isSymbol.test(child.content) ? addressOfSymbol(name) : undefined;
    if (address === undefined) {
      return child;
    }
    const open = new TokenClass('link_open', 'a', 1);
    open.attrSet('href', address);
    open.attrSet('class', 'to-api');
    return [open, child, new TokenClass('link_close', 'a', -1)];
  });
}
