// Writes the pages of the API reference to `build/api`, from the comments of the sources.
// A warning of TypeDoc, for example about a link to nothing, is an error.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { entryPoints, repositoryUrl, root } from '../repository.ts';
import { findMentions } from './mentions.ts';
import { apiFolder, readSymbols } from './symbols.ts';

const options: Partial<PluginOptions> = {
  excludeScopesInPaths: true,
  entryFileName: 'index',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  expandParameters: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'list',
  enumMembersFormat: 'table',
  indexFormat: 'table',
  pageTitleTemplates: { index: 'API reference', member: '{name}', module: '{name}' },
};

rmSync(apiFolder, { recursive: true, force: true });
const app = await Application.bootstrapWithPlugins({
  name: 'API reference',
  entryPoints: entryPoints.map(({ source }) => join(root, source)),
  tsconfig: join(import.meta.dirname, 'tsconfig.json'),
  basePath: root,
  plugin: ['typedoc-plugin-markdown'],
  outputs: [{ name: 'markdown', path: apiFolder }],
  readme: 'none',
  disableGit: true,
  sourceLinkTemplate: `${repositoryUrl}/blob/main/packages/{path}#L{line}`,
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  treatWarningsAsErrors: true,
  logLevel: 'Warn',
  router: 'member',
  ...options,
});
const project = await app.convert();
if (project === undefined) {
  process.exit(1);
}
for (const module of project.children ?? []) {
  const source = module.sources?.[0]?.fileName;
  module.name = entryPoints.find((entry) => entry.source === source)?.name ?? module.name;
}
app.validate(project);
await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) {
  process.exit(1);
}

const symbols = readSymbols();
const mentions = findMentions(symbols);
for (const symbol of symbols) {
  const { name, entry, kind, address } = symbol;
  const path = join(apiFolder, '..', `${address}.md`);
  const keyword = kind === 'interfaces' || kind === 'type-aliases' ? 'import type' : 'import';
  const title = `# ${name}\n\n\`\`\`ts\n${keyword} { ${name} } from '${entry}';\n\`\`\`\n`;
  const list = (mentions.get(symbol) ?? []).map(({ text, link }) => `- [${text}](${link})\n`).join('');
  const page = readFileSync(path, 'utf8').replace(/^# .*\n/, () => title);
  writeFileSync(path, list === '' ? page : `${page}\n## In the docs\n\n${list}`);
}

const rows = entryPoints.map(({ name }) => {
  const folder = name.replace('@em/', '');
  const values = symbols.filter(({ entry, kind }) => entry === name && /^(classes|functions|variables)$/.test(kind));
  const links = values.map((symbol) => `[\`${symbol.name}\`](${symbol.address.replace('/api/', '')}.md)`);
  return `| [${name}](${folder}/index.md) | ${links.join(', ')} |\n`;
});
writeFileSync(
  join(apiFolder, 'index.md'),
  `# API reference

What each package exports, from the comments of its sources. The page of an import also lists its types. To learn how
things belong together, read [the guide](/docs/guide.md); to choose a class, see [the cheat
sheet](/docs/cheat-sheet.md).

| import | classes, functions, constants |
| --- | --- |
${rows.join('')}`,
);
