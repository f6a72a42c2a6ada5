import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { programContestant } from './child.ts';
import { BUILD, PACKAGE } from './compile.ts';
import { CannotRun, type Contestant } from './question.ts';

/** Names a checkout of the crate, because nothing else here needs crates. */
const CHECKOUT = 'EM_BENCH_RUST';

/** The Rust crate does what `native/dispatch.cc` does. */
export function rustCrate(...args: string[]): Contestant {
  return programContestant('Rust crate event-manager', async () => [await buildRustCrate(), ...args]);
}

/**
 * Builds the contestant with the sources in `EM_BENCH_RUST`. All that cargo writes is in `build`.
 *
 * @throws CannotRun if the variable is not set, or it cannot be built.
 */
export async function buildRustCrate(): Promise<string> {
  const checkout = process.env[CHECKOUT];
  if (!checkout) {
    throw new CannotRun(
      `set ${CHECKOUT} to the path of its sources, version 0.4, for example of a clone of github.com/rust-vmm/event-manager`,
    );
  }
  if (!existsSync(join(checkout, 'Cargo.toml'))) {
    throw new CannotRun(`${CHECKOUT} is ${checkout}, which has no Cargo.toml`);
  }
  const folder = join(BUILD, 'rust');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'Cargo.toml'), manifest(resolve(checkout)));
  try {
    await promisify(execFile)('cargo', ['build', '--release', '--quiet'], { cwd: folder });
  } catch (cause) {
    const { stderr = String(cause) } = cause as { stderr?: string };
    const line = stderr.split('\n').find((text) => text.startsWith('error'));
    throw new CannotRun(`cargo cannot build it: ${line ?? stderr}`, { cause });
  }
  return join(folder, 'target/release/dispatch');
}

/** With the profile of the crate's own benchmarks. */
function manifest(checkout: string): string {
  return `[package]
name = "event-manager-dispatch"
version = "0.0.0"
edition = "2021"

[[bin]]
name = "dispatch"
path = ${JSON.stringify(join(PACKAGE, 'rust/dispatch.rs'))}

[dependencies]
event-manager = { path = ${JSON.stringify(checkout)} }

[profile.release]
lto = true
codegen-units = 1

[workspace]
`;
}
