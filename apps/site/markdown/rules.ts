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

/** A picture on a line of its own can be scrolled where the page is too narrow for it, by key as well. */
export function usePictures(md: MarkdownRenderer): void {
  md.core.ruler.push('pictures', ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      const [content, ...others] = tokens[index + 1]?.children ?? [];
      if (token.type === 'paragraph_open' && content?.type === 'image' && others.length === 0) {
        token.attrSet('class', 'picture');
        token.attrSet('tabindex', '0');
      }
    }
  });
}
