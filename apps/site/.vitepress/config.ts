import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { writeForLanguageModels } from '../llms.ts';
import { useRepositoryLinks } from '../markdown/links.ts';
import { isApi, rewrite, sources, summarize } from '../markdown/pages.ts';
import { usePictures, useStartPage, useTablesWithoutCorner } from '../markdown/rules.ts';
import { slug } from '../markdown/slug.ts';
import { base, repositoryUrl, root, siteUrl } from '../repository.ts';
import { bundleSimulator } from '../simulator/bundle.ts';
import { nav, sidebar } from './navigation.ts';
import { startPage } from './start-page.ts';

const { title, description } = summarize('README.md');
const vue = join(import.meta.dirname, '../node_modules/vue');

export default defineConfig({
  title: 'event-manager',
  description,
  base,
  srcDir: root,
  outDir: join(import.meta.dirname, '../dist'),
  cacheDir: join(import.meta.dirname, '../build/cache'),
  // Of all Markdown files, only `sources` are pages.
  srcExclude: ['**/CHANGELOG.md', 'packages/*/api.md', 'tools/**', 'tarballs/**', '**/dist/**', '**/test/**'],
  rewrites: Object.fromEntries(sources.map((path) => [path, rewrite(path)])),
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}icon.svg` }]],
  cleanUrls: true,
  metaChunk: true,
  markdown: {
    anchor: { slugify: slug },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config(md) {
      useRepositoryLinks(md);
      useTablesWithoutCorner(md);
      useStartPage(md);
      usePictures(md);
    },
  },
  transformPageData(page) {
    const path = page.filePath;
    const summary = summarize(path);
    const frontmatter = path === 'README.md' ? startPage(title, description) : page.frontmatter;
    // The table of contents would leave too little room for its tables.
    const aside = path !== 'docs/cheat-sheet.md' && path !== 'apps/site/build/api/index.md';
    return {
      title: path === 'README.md' ? '' : summary.title,
      description: summary.description || description,
      frontmatter: { aside, ...(isApi(path) && { editLink: false }), ...frontmatter },
    };
  },
  transformHead: ({ pageData }) => [
    ['meta', { property: 'og:title', content: pageData.title || title }],
    ['meta', { property: 'og:description', content: pageData.description }],
  ],
  async buildEnd({ outDir }) {
    writeForLanguageModels(outDir);
    await bundleSimulator(outDir);
  },
  themeConfig: {
    nav,
    sidebar,
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: repositoryUrl }],
    editLink: { pattern: `${repositoryUrl}/edit/main/:path`, text: 'Edit this page' },
    search: {
      provider: 'local',
      options: {
        miniSearch: {
          searchOptions: {
            combineWith: 'AND',
            prefix: true,
            fuzzy: 0.1,
            // The pages that explain something come before those that list it. The browser gets the text of this function.
            boostDocument: (address: string) => (address.includes('/api/') ? 0.1 : 1),
          },
        },
      },
    },
    notFound: {
      title: 'Page not found',
      quote: 'Nothing is at this address. Search for what you need, or begin at the start page.',
      linkLabel: 'Go to the start page',
      linkText: 'Start page',
    },
  },
  vite: {
    // The pages are outside of this package, where its dependencies cannot be found.
    resolve: {
      alias: [
        { find: /^vue\/server-renderer$/, replacement: join(vue, 'server-renderer/index.mjs') },
        // Like the component that it replaces, but a landmark.
        { find: /^.*\/VPHome\.vue$/, replacement: join(import.meta.dirname, 'theme/home.ts') },
        { find: /^vue$/, replacement: join(vue, 'dist/vue.runtime.esm-bundler.js') },
      ],
    },
    publicDir: join(import.meta.dirname, '../public'),
    build: { chunkSizeWarningLimit: 6000 },
    server: { watch: { ignored: ['**/.git/**', '**/test-report.json'] } },
  },
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag === 'epoll-live' } } },
  sitemap: { hostname: siteUrl },
});
