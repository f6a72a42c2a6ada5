// Writes `llms.txt`, a list of the pages, and `llms-full.txt`, their texts, for readers that are programs.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, isApi, sources, summarize } from './markdown/pages.ts';
import { root, siteUrl } from './repository.ts';

export function writeForLanguageModels(outDir: string): void {
  const pages = ['README.md', ...sources.filter((path) => !isApi(path) && path !== 'README.md')];
  const { title, description } = summarize('README.md');
  const list = pages.map((path) => {
    const page = summarize(path);
    return `- [${page.title}](${urlOf(path)})${page.description === '' ? '' : `: ${page.description}`}`;
  });
  const api = `- [API reference](${urlOf('apps/site/build/api/index.md')}): every class, function and type`;
  const texts = pages.map((path) => `<!-- ${urlOf(path)} -->\n\n${readFileSync(join(root, path), 'utf8')}`);
  writeFileSync(
    join(outDir, 'llms.txt'),
    `# ${title}\n\n> ${description}\n\n## Pages\n\n${[...list, api].join('\n')}\n`,
  );
  writeFileSync(join(outDir, 'llms-full.txt'), texts.join('\n\n'));
}

function urlOf(path: string): string {
  return new URL((addressOf(path) ?? '/').slice(1), siteUrl).href;
}
