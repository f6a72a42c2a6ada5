import { fs } from './builtins.js';

/** The version of this package. The path is the same from `src` and from `dist`. */
export function version(): string {
  const text = fs.readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
