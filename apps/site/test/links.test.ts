import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { base, siteUrl } from '../repository.ts';

const dist = join(import.meta.dirname, '../dist');
const files = globSync('**/*.html', { cwd: dist }).sort();
const pages = new Map(files.map((file) => [addressOf(file), readFileSync(join(dist, file), 'utf8')]));
const anchors = new Map([...pages].map(([address, html]) => [address, new Set(valuesOf(html, 'id'))]));

test('each link to a page and to a heading of the site leads somewhere', () => {
  const broken = [...pages].flatMap(([address, html]) =>
    valuesOf(html, 'href')
      .filter((href) => !/^[a-z]+:/.test(href) && !leadsSomewhere(address, href))
      .map((href) => `${address}: ${href}`),
  );
  expect(pages.size).toBeGreaterThan(300);
  expect([...new Set(broken)]).toEqual([]);
});

test('each link to another site is a whole address, with encryption', () => {
  const outside = [...pages].flatMap(([address, html]) =>
    valuesOf(html, 'href')
      .filter((href) => /^[a-z]+:/.test(href))
      .filter(
        (href) => !/^https:\/\/[\w-]+(\.[\w-]+)+(\/[\w.~:@!$&'()*+,;=%/-]*)?(\?[^\s#]+)?(#[\w.~/-]+)?$/.test(href),
      )
      .map((href) => `${address}: ${href}`),
  );
  expect(outside).toEqual([]);
});

test('llms.txt lists pages that exist', () => {
  const addresses = [...readFileSync(join(dist, 'llms.txt'), 'utf8').matchAll(/\]\(([^)]+)\)/g)].map(([, url]) => url);
  expect(addresses.length).toBeGreaterThan(40);
  expect(addresses.filter((url = '') => !pages.has(`/${url.slice(siteUrl.length)}`))).toEqual([]);
});

function leadsSomewhere(from: string, href: string): boolean {
  const { pathname, hash } = new URL(href, `https://host${base}${from.slice(1)}`);
  const address = `/${pathname.slice(base.length)}`;
  const isFile = /\.\w+$/.test(address) && !pages.has(address);
  if (isFile) {
    return globSync(address.slice(1), { cwd: dist }).length === 1;
  }
  const ids = anchors.get(address);
  return ids !== undefined && (hash === '' || ids.has(decodeURIComponent(hash.slice(1))));
}

function addressOf(file: string): string {
  return `/${file.replace(/(^|\/)index\.html$/, '$1').replace(/\.html$/, '')}`;
}

function valuesOf(html: string, attribute: string): string[] {
  return Array.from(html.matchAll(new RegExp(`\\s${attribute}="([^"]*)"`, 'g')), ([, value = '']) =>
    value.replaceAll('&amp;', '&'),
  );
}
