import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { quote, readPages, withWholeAddresses } from './quotations.js';

const pages = readPages();

test.each(pages)(
  '$path shows the programs in examples as they are; if not, run `pnpm run docs`',
  ({ text, updated }) => {
    expect(text).toBe(updated);
  },
);

test('every recipe is on a page, and so are the custom poller and its test', () => {
  const cwd = join(import.meta.dirname, '../..');
  const files = globSync(['examples/recipes/*.ts', 'examples/custom-poller/poller*.ts'], { cwd });
  const all = pages.map(({ text }) => text).join('');
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => !all.includes(`\n\`\`\`ts ${file}\n`))).toEqual([]);
});

const program = 'class A {\n  f() {\n    g();\n\n    h();\n  }\n\n  i() {\n  }\n}\n';

test.each([
  ['the file that a block names', 'a.ts', program],
  ['the part that begins as the block says', 'a.ts#f()', '  f() {\n    g();\n\n    h();\n  }\n'],
])('a block gets %s', (_, source, expected) => {
  const page = (code: string): string => `# A\n\n\`\`\`ts ${source}\n${code}\`\`\`\n\n\`\`\`ts\nother();\n\`\`\`\n`;
  expect(quote(page('old();\n'), () => program)).toBe(page(expected));
  expect(quote(page(''), () => program)).toBe(page(expected));
});

test('a part that is not in the file is refused', () => {
  expect(() => quote('```ts a.ts#j()\n```\n', () => program)).toThrow('No line of a.ts begins with: j()');
});

test('a page that a package carries has whole addresses in place of relative links, except in programs', () => {
  const page =
    '[a](../sys), [b](../../docs/guide.md#timers), [c](#d), [e](https://e.org)\n\n```ts\nf[g](../sys);\n```\n';
  const repository = 'https://github.com/event-manager-ts/event-manager';
  expect(withWholeAddresses('packages/core/README.md', page)).toBe(
    page
      .replace('../sys', `${repository}/tree/main/packages/sys`)
      .replace('../../docs', `${repository}/blob/main/docs`),
  );
  expect(() => withWholeAddresses('packages/core/README.md', '[a](b.md)')).toThrow('b.md, which does not exist');
});
