import { accessSync, constants, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { lackOfCapability } from './named-skip.js';

const root = join(import.meta.dirname, '../../../..');

/** The programs in `examples/recipes`, by name. */
export const RECIPES: readonly string[] = globSync('*.ts', { cwd: join(root, 'examples/recipes') })
  .map((file) => basename(file, '.ts'))
  .sort();

/** Recipes that need devices, so `pnpm test:devices` runs them. */
export const NEED_DEVICES: readonly string[] = ['can', 'gpio-button', 'input-device', 'pressure', 'tun'];

/** Recipes that need other packages, so the tests of these run them. */
export const NEED_PACKAGES: readonly string[] = RECIPES.filter((name) => /'@em\/(devices|streams)/.test(recipe(name)));

/** For other recipes that not every machine can run: what is missing here. */
export const MISSING: Readonly<Record<string, string | undefined>> = {
  'c-library': globSync('/usr/lib/*/libzmq.so.5').length === 0 ? 'no libzmq.so.5' : undefined,
  packet: lackOfCapability('CAP_NET_RAW'),
  uevent: lackOfWritable('/sys/class/mem/null/uevent'),
};

function lackOfWritable(path: string): string | undefined {
  try {
    accessSync(path, constants.W_OK);
    return undefined;
  } catch {
    return `no right to write to ${path}`;
  }
}

export function recipe(name: string): string {
  return readFileSync(join(root, 'examples/recipes', `${name}.ts`), 'utf8');
}

export function pageOf(name: string): string {
  return readFileSync(join(root, 'docs/recipes', `${name}.md`), 'utf8');
}

/** Returns the output of a recipe, as its page shows it. */
export function outputOf(name: string): string | undefined {
  return /^```text\n(.*?)^```$/ms.exec(pageOf(name))?.[1];
}
