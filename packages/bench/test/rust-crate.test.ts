import { afterEach, expect, test, vi } from 'vitest';
import { buildRustCrate } from '../src/rust-crate.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('without a checkout, the row of the Rust crate says how to name one', async () => {
  vi.stubEnv('EM_BENCH_RUST', undefined);
  await expect(buildRustCrate()).rejects.toThrow(/^set EM_BENCH_RUST to the path of its sources/);
});

test('a path without a crate is refused before cargo runs', async () => {
  vi.stubEnv('EM_BENCH_RUST', import.meta.dirname);
  await expect(buildRustCrate()).rejects.toThrow(`EM_BENCH_RUST is ${import.meta.dirname}, which has no Cargo.toml`);
});
