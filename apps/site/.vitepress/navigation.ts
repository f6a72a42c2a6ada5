// What leads to which page: by task, not by package.

import type { DefaultTheme } from 'vitepress';
import { readSymbols } from '../api/symbols.ts';
import { addressOf, isApi, sources, summarize } from '../markdown/pages.ts';
import { entryPoints } from '../repository.ts';

type Item = DefaultTheme.SidebarItem;

const LEARN = [
  'docs/guide.md',
  'docs/streams.md',
  'docs/testing-your-code.md',
  'docs/coming-from-epoll.md',
  'docs/coming-from-rust.md',
  'docs/bundlers.md',
];
const LOOK_UP = [
  'docs/cheat-sheet.md',
  'docs/errors.md',
  'docs/troubleshooting.md',
  'docs/epoll-semantics.md',
  'docs/fd-life-cycle.md',
  'docs/tracing.md',
  'docs/versions.md',
];
const PACKAGES = [
  'packages/core/README.md',
  'packages/sys/README.md',
  'packages/devices/README.md',
  'packages/streams/README.md',
  'packages/testing/README.md',
  'apps/echo-server/README.md',
  'apps/echo-server/docs/em-echo-server.1.md',
  'examples/drop-ins/README.md',
];
const INSIDE = [
  'docs/architecture.md',
  'docs/poller-contract.md',
  'docs/how-we-test.md',
  'docs/performance.md',
  'docs/performance/results.md',
  'docs/under-load.md',
  'packages/bench/README.md',
  'apps/site/README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
];

const toItem = (path: string): Item => ({ text: summarize(path).title, link: addressOf(path) ?? '/' });
const toItems = (paths: readonly string[]): Item[] => paths.filter((path) => addressOf(path) !== undefined).map(toItem);
const under = (folder: string): readonly string[] =>
  sources.filter((path) => path.startsWith(folder) && !path.endsWith('/README.md'));

const live = toItems(['apps/site/pages/epoll-live.md']);
const listed = [LEARN, LOOK_UP, PACKAGES, INSIDE, under('docs/recipes/'), under('docs/decisions/')].flat();
const others = sources.filter(
  (path) =>
    !listed.includes(path) &&
    !isApi(path) &&
    !path.startsWith('apps/site/') &&
    !/^(docs\/recipes\/)?README\.md$/.test(path),
);

const KINDS = { classes: 'Classes', functions: 'Functions', variables: 'Constants' };

/** The classes, functions and constants of an entry. Its own page lists the types as well. */
function apiItems(): Item[] {
  const symbols = readSymbols();
  return entryPoints.map(({ name }) => ({
    text: name,
    link: `/api/${name.replace('@em/', '')}/`,
    collapsed: true,
    items: symbols
      .filter(({ entry, kind }) => entry === name && kind in KINDS)
      .map((symbol) => ({ text: symbol.name, link: symbol.address })),
  }));
}

const pages: Item[] = [
  { text: 'Learn', items: [...toItems(LEARN), ...live] },
  { text: 'Recipes', link: '/recipes/', collapsed: true, items: toItems(under('docs/recipes/')) },
  { text: 'Look up', items: [...toItems(LOOK_UP), { text: 'API reference', link: '/api/' }] },
  { text: 'Packages', items: toItems(PACKAGES) },
  { text: 'Inside', items: toItems([...INSIDE, ...others]) },
  { text: 'Decisions', items: toItems(under('docs/decisions/')) },
];

export const sidebar: DefaultTheme.SidebarMulti = { '/api/': apiItems(), '/': pages };

export const nav: DefaultTheme.NavItem[] = [
  { text: 'Guide', link: '/guide' },
  { text: 'Recipes', link: '/recipes/' },
  { text: 'API', link: '/api/', activeMatch: '^/api/' },
  { text: 'Troubleshooting', link: '/troubleshooting' },
  ...live.map(({ text = '', link = '/' }) => ({ text, link })),
];
