// Which Markdown files of the repository are pages of the site, and at which addresses.

import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../repository.ts';

const SOURCES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/**/*.md',
  '{packages,apps,examples}/*/README.md',
  'apps/*/docs/*.md',
  'apps/site/pages/*.md',
  'apps/site/build/api/**/*.md',
];

const ADDRESSES: ReadonlyArray<readonly [pattern: RegExp, replacement: string]> = [
  [/^README\.md$/, 'index.md'],
  [/^CONTRIBUTING\.md$/, 'contributing.md'],
  [/^SECURITY\.md$/, 'security.md'],
  [/^apps\/site\/pages\//, ''],
  [/^apps\/site\/build\//, ''],
  [/^docs\//, ''],
  [/^apps\/([\w-]+)\/docs\/([\w-]+).*\.md$/, 'apps/$1/$2.md'],
  [/(^|\/)README\.md$/, '$1index.md'],
];

/** Where the site has the page of a file: `docs/recipes/README.md` is at `recipes/index.md`. */
export function rewrite(path: string): string {
  return ADDRESSES.reduce((address, [pattern, replacement]) => address.replace(pattern, replacement), path);
}

/** The files of all pages, relative to the root of the repository. */
export const sources: readonly string[] = globSync(SOURCES, {
  cwd: root,
  exclude: ['**/node_modules/**'],
}).sort();

const addresses: ReadonlyMap<string, string> = new Map(sources.map((path) => [path, toAddress(rewrite(path))]));
const files: ReadonlyMap<string, string> = new Map(sources.map((path) => [rewrite(path), path]));

/** The address of a file's page, such as `/recipes/`, or `undefined` if it has no page. */
export function addressOf(path: string): string | undefined {
  return addresses.get(path);
}

/** What VitePress says about the page that it renders. */
export interface Environment {
  readonly path?: string;
  readonly realPath?: string;
}

/** The file of the page that is rendered, relative to the root of the repository. */
export function sourceOf({ path, realPath }: Environment): string | undefined {
  return [realPath, path]
    .filter((file) => file !== undefined)
    .map((file) => relative(root, file))
    .flatMap((file) => (addresses.has(file) ? file : (files.get(file) ?? [])))[0];
}

export const isApi = (path: string): boolean => path.startsWith('apps/site/build/api/');

export interface Summary {
  readonly title: string;
  readonly description: string;
}

/** What a page is called, and its first paragraph, both as plain text. */
export function summarize(path: string): Summary {
  const text = readFileSync(join(root, path), 'utf8').replace(/^---\n[\s\S]*?\n---\n/, '');
  const [, title = path] = /^# (.*)$/m.exec(text) ?? [];
  const [, paragraph = ''] =
    /^((?!Defined in:)[^\s#|`<>!-].*\n(?:.+\n)*)/m.exec(text.replace(/^```[\s\S]*?^```/gm, '')) ?? [];
  return { title: plain(title), description: plain(paragraph) };
}

function plain(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function toAddress(rewritten: string): string {
  return `/${rewritten.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '')}`;
}
