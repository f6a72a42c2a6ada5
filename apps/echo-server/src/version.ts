import { fs } from './builtins.js';

/** The version of this package. */
export function version(): string {
  const text = fs.readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
