import { beforeAll, describe, expect, test } from 'vitest';
import layers from '../.dependency-cruiser.js';
import manifest from '../package.json' with { type: 'json' };
import { ScratchTree } from './scratch-tree.js';

const LINT_STEP = manifest.scripts['lint:layers'];
const HOOK_LIMIT_MS = 60_000;

/** One way to break the layers: what it is, the files that do it, and the rules that the checker must name. */
interface Violation {
  readonly claim: string;
  readonly files: Readonly<Record<string, string>>;
  readonly rules: readonly string[];
  /** The checker names the rules only after a build. */
  readonly needsBuild?: true;
}

const violations: readonly Violation[] = [
  {
    claim: 'core imports a module of Node',
    files: { 'packages/core/src/violation.ts': "import 'node:fs';" },
    rules: ['core-imports-nothing'],
  },
  {
    claim: 'core imports a package from npm',
    files: { 'packages/core/src/violation.ts': "import 'typescript';" },
    rules: ['core-imports-nothing', 'src-imports-no-dev-dependency'],
  },
  {
    claim: 'core imports sys',
    files: { 'packages/core/src/violation.ts': "import '@em/sys';" },
    rules: ['core-imports-nothing'],
  },
  {
    claim: 'core imports only a type of Node',
    files: { 'packages/core/src/violation.ts': "import type { Stats } from 'node:fs';" },
    rules: ['core-imports-nothing'],
  },
  {
    claim: 'a test of core imports testing',
    files: { 'packages/core/test/violation.ts': "import '@em/testing';" },
    rules: ['core-tests-stand-alone'],
  },
  {
    claim: 'a test of core imports sys',
    files: { 'packages/core/test/violation.ts': "import '@em/sys';" },
    rules: ['core-tests-stand-alone'],
  },
  {
    claim: 'sys imports testing from src',
    files: { 'packages/sys/src/violation.ts': "import '@em/testing/contract';" },
    rules: ['only-tests-import-testing', 'sys-imports-core-only'],
  },
  {
    claim: 'a test of sys imports an app',
    files: { 'packages/sys/test/violation.ts': "import '../../../apps/echo-server/package.json';" },
    rules: ['import-packages-by-name', 'sys-tests-import-core-and-testing-only'],
  },
  {
    claim: 'the argument checks of core import what is behind them',
    files: { 'packages/core/src/arguments.ts': "import './tally.js';" },
    rules: ['core-checks-know-only-options'],
  },
  {
    claim: 'devices imports streams',
    files: { 'packages/devices/src/violation.ts': "import '@em/streams';" },
    rules: ['devices-imports-sys-and-core-only'],
  },
  {
    claim: 'a device imports another one',
    files: {
      'packages/devices/src/violation.ts': "import './violation/violation.js';",
      'packages/devices/src/violation/violation.ts': "import '../pty/pty.js';",
    },
    rules: ['devices-stand-alone'],
  },
  {
    claim: 'streams imports sys',
    files: { 'packages/streams/src/violation.ts': "import '@em/sys';" },
    rules: ['streams-imports-core-only'],
  },
  {
    claim: 'testing imports sys',
    files: { 'packages/testing/src/violation.ts': "import '@em/sys';" },
    rules: ['testing-imports-core-only'],
  },
  {
    claim: 'testing imports only a type of sys',
    files: { 'packages/testing/src/violation.ts': "import type { EpollPoller } from '@em/sys';" },
    rules: ['testing-imports-core-only'],
  },
  {
    claim: 'a test of testing imports sys',
    files: { 'packages/testing/test/violation.ts': "import '@em/sys';" },
    rules: ['testing-imports-core-only'],
  },
  {
    claim: 'the fake imports node:assert',
    files: { 'packages/testing/src/violation.ts': "import 'node:assert/strict';" },
    rules: ['testing-runs-anywhere'],
  },
  {
    claim: 'the contract suite imports another module of Node',
    files: { 'packages/testing/src/contract/violation.ts': "import 'node:net';" },
    rules: ['contract-imports-assert-only'],
  },
  {
    claim: 'an app imports sys outside main.ts',
    files: { 'apps/echo-server/src/violation.ts': "import '@em/sys';" },
    rules: ['only-main-imports-sys'],
    needsBuild: true,
  },
  {
    claim: 'an app imports a value of sys beside a type outside main.ts',
    files: { 'apps/echo-server/src/violation.ts': "import { type EpollPoller, EventFd } from '@em/sys';" },
    rules: ['only-main-imports-sys'],
    needsBuild: true,
  },
  {
    claim: 'an app imports sys in a worker.ts that is not the entry of a thread',
    files: { 'apps/echo-server/src/violation/worker.ts': "import '@em/sys';" },
    rules: ['only-main-imports-sys'],
    needsBuild: true,
  },
  {
    claim: 'a stress test of an app imports sys outside main.ts',
    files: { 'apps/echo-server/stress/clients/violation.ts': "import '@em/sys';" },
    rules: ['only-main-imports-sys'],
    needsBuild: true,
  },
  {
    claim: 'an app imports testing from src',
    files: { 'apps/echo-server/src/violation.ts': "import '@em/testing';" },
    rules: ['only-tests-import-testing'],
  },
  {
    claim: 'a package is imported by its path',
    files: { 'apps/echo-server/src/violation.ts': "import '../../../packages/core/src/index.js';" },
    rules: ['import-packages-by-name'],
  },
  {
    claim: 'two files import each other',
    files: {
      'packages/core/src/violation.ts': "import './violation-too.js';",
      'packages/core/src/violation-too.ts': "import './violation.js';",
    },
    rules: ['no-circular-imports'],
  },
  {
    claim: 'two files import only a type of each other',
    files: {
      'packages/core/src/violation.ts': "import type { B } from './violation-too.js'; export type A = B;",
      'packages/core/src/violation-too.ts': "import type { A } from './violation.js'; export type B = A;",
    },
    rules: ['no-circular-imports'],
  },
  {
    claim: 'a package is imported that only the root declares',
    files: { 'apps/echo-server/test/violation.ts': "import 'dependency-cruiser';" },
    rules: ['no-undeclared-packages'],
  },
  {
    claim: 'a package is imported that no manifest declares',
    files: { 'apps/echo-server/test/violation.ts': "import 'express';" },
    rules: ['no-unresolvable-imports'],
  },
  {
    claim: 'a published file imports a development dependency',
    files: { 'packages/sys/src/violation.ts': "import 'vitest';" },
    rules: ['src-imports-no-dev-dependency'],
  },
];

/** Each has files of its own, so that one run of the checker tries all of them. */
const numbered = violations.map(({ files, ...others }, index): Violation => {
  const renamed = Object.entries(files).map((entry) =>
    entry.map((text) => text.replaceAll('violation', `violation${index}`)),
  );
  return { ...others, files: Object.fromEntries(renamed) as Violation['files'] };
});

test('every rule of the layer checker has a test', () => {
  const shown = violations.flatMap(({ rules }) => rules);
  expect([...new Set(shown)].sort()).toEqual(layers.forbidden.map(({ name }) => name).sort());
});

// An import of another package resolves to a file only after that package was built.
describe.concurrent.each(['before any build', 'after a build'])('%s', (state) => {
  const newTree = (): ScratchTree => {
    const tree = new ScratchTree();
    if (state === 'after a build') {
      tree.pretendBuilt();
    }
    return tree;
  };

  test('the lint step accepts the repository', async () => {
    using tree = newTree();
    const { failed, output } = await tree.run(LINT_STEP);
    expect(output).toContain('no dependency violations found');
    expect(failed).toBe(false);
  });

  test('the lint step fails when one file in one package breaks a rule', async () => {
    using tree = newTree();
    tree.write('packages/core/src/violation.ts', "import 'node:fs';");
    const { failed, output } = await tree.run(LINT_STEP);
    expect(output).toContain('error core-imports-nothing: packages/core/src/violation.ts → fs');
    expect(failed).toBe(true);
  });

  describe('the layer checker', () => {
    let output: string;

    beforeAll(async () => {
      using tree = newTree();
      const all = numbered.flatMap(({ files }) => Object.entries(files));
      for (const [path, text] of all) {
        tree.write(path, text);
      }
      ({ output } = await tree.run(`depcruise --output-type err ${all.map(([path]) => path).join(' ')}`));
    }, HOOK_LIMIT_MS);

    test.each(numbered.filter(({ needsBuild }) => !needsBuild || state === 'after a build'))(
      'names the rule when $claim',
      ({ files, rules }) => {
        expect(rulesNamed(output, Object.keys(files))).toEqual(rules);
      },
    );
  });
});

test('turbo refuses packages that depend on each other in a circle, even through devDependencies', async () => {
  using tree = new ScratchTree();
  expect(await tree.run('turbo run test --dry-run')).toMatchObject({ failed: false });

  tree.addDevDependency('packages/core/package.json', '@em/testing', 'workspace:^');

  const { failed, output } = await tree.run('turbo run test --dry-run');
  expect(failed).toBe(true);
  expect(output).toMatch(/Cyclic dependency detected:.*@em\/(core|testing)#build/s);
});

/** The names of the rules that these files break according to the layer checker, sorted. */
function rulesNamed(output: string, files: readonly string[]): string[] {
  const broken = [...output.matchAll(/^ *error ([a-z-]+): (\S+)/gm)];
  const names = broken.filter(([, , file]) => files.includes(file ?? '')).map(([, name]) => name ?? '');
  return [...new Set(names)].sort();
}
