import type { MarkdownRenderer } from 'vitepress';
import { type Environment, sourceOf } from './pages.ts';

/** The start page shows the title and the first paragraph of the README in large letters, so its text begins after them. */
export function useStartPage(md: MarkdownRenderer): void {
  md.core.ruler.push('start-page', ({ env, tokens }) => {
    if (sourceOf(env as Environment) === 'README.md') {
      tokens.splice(0, tokens.findIndex(({ type }) => type === 'paragraph_close') + 1);
    }
  });
}

/** A header cell without text is no header. */
export function useTablesWithoutCorner(md: MarkdownRenderer): void {
  md.core.ruler.push('tables-without-corner', ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      const [content, close] = [tokens[index + 1], tokens[index + 2]];
      if (token.type === 'th_open' && content?.content === '' && close !== undefined) {
        token.tag = 'td';
        close.tag = 'td';
      }
    }
  });
}
