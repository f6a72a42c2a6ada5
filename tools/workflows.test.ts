// The workflows run on machines that this repository has not got, so these tests check that the things they name exist.

import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import manifest from '../package.json' with { type: 'json' };

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly needs?: string | readonly string[];
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
  readonly 'timeout-minutes'?: number;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = dirname(import.meta.dirname);
const PATHS = globSync('.github/workflows/*.yml', { cwd: root }).sort();
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
const read = (path: string): Workflow => parse(textOf(path)) as Workflow;
const stepsOf = ({ jobs }: Workflow): readonly Step[] => Object.values(jobs).flatMap(({ steps = [] }) => steps);

describe.each(PATHS)('%s', (path) => {
  const workflow = read(path);
  const jobs = Object.entries(workflow.jobs);

  test('has only read permission unless a job asks for more, and each job has a time limit', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const unlimited = jobs.filter(([, job]) => job.uses === undefined && job['timeout-minutes'] === undefined);
    expect(unlimited.map(([name]) => name)).toEqual([]);
  });

  test('needs only jobs and outputs that exist', () => {
    for (const [name, { needs = [], steps = [], outputs = {} }] of jobs) {
      const needed = [needs].flat();
      expect(Object.keys(workflow.jobs), name).toEqual(expect.arrayContaining(needed));
      const ids = steps.map(({ id }) => id);
      for (const [, id] of JSON.stringify([steps, outputs]).matchAll(/\bsteps\.([\w-]+)/g)) {
        expect(ids).toContain(id);
      }
    }
    for (const [, job = '', output] of textOf(path).matchAll(/\bneeds\.([\w-]+)\.outputs\.([\w-]+)/g)) {
      expect(Object.keys(workflow.jobs[job]?.outputs ?? {})).toContain(output);
    }
  });

  test('uses only callable workflows and versioned actions', () => {
    const local = jobs.flatMap(([, { uses }]) => uses ?? []);
    for (const uses of local) {
      expect(read(uses).on).toHaveProperty('workflow_call');
    }
    for (const { uses = 'none@v0' } of stepsOf(workflow)) {
      expect(uses).toMatch(/^[\w/-]+@v\d+$/);
    }
    const named = (from: readonly Step[], action: string): unknown[] =>
      from.filter(({ uses }) => uses?.startsWith(`actions/${action}@`)).map((step) => step.with?.['name']);
    const uploaded = named(local.map(read).flatMap(stepsOf), 'upload-artifact');
    expect(uploaded).toEqual(expect.arrayContaining(named(stepsOf(workflow), 'download-artifact')));
  });

  test('runs only commands that a shell can parse', () => {
    for (const { run = '' } of stepsOf(workflow)) {
      const { stderr } = spawnSync('bash', ['-n', '-c', run.replaceAll(/\$\{\{.*?\}\}/g, 'x')], { encoding: 'utf8' });
      expect(stderr).toBe('');
    }
  });
});

describe.each([...PATHS, '.ci/run', 'README.md', 'CONTRIBUTING.md'])('%s names only existing', (path) => {
  const text = textOf(path);

  test('versions of pnpm and scripts of the manifest', () => {
    const calls = [...text.matchAll(/pnpm@(\S+) ([\w:-]+)/g), ...text.matchAll(/`pnpm()(?: run)? (\w[\w:-]+)/g)];
    for (const [, version, script = ''] of calls) {
      expect(version || manifest.devEngines.packageManager.version).toBe(manifest.devEngines.packageManager.version);
      expect([...Object.keys(manifest.scripts), 'install', 'turbo', 'changeset']).toContain(script);
    }
  });

  test('files', () => {
    for (const [, file = ''] of text.matchAll(/(?:^|[\s`:])((?:\.ci|tools|packages|apps)\/[\w./-]+\w)/gm)) {
      const isBuilt = /\/(dist|build)(\/|$)/.test(file);
      expect(isBuilt || existsSync(join(root, file)), file).toBe(true);
    }
  });

  test('commands of the packages', () => {
    const manifests = globSync('{packages,apps}/*/package.json', { cwd: root });
    const commands = manifests.flatMap((file) => Object.keys((JSON.parse(textOf(file)) as { bin?: object }).bin ?? {}));
    for (const [, command] of text.matchAll(/npx (em-[\w-]+)/g)) {
      expect(commands).toContain(command);
    }
  });
});
