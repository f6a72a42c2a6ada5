import type { Findings } from './examine.js';

/** Returns the findings as text that a user can paste into an issue. */
export function format(findings: Findings): string {
  const { platform, arch, libc, openFiles, within } = findings;
  const rows: Readonly<Record<string, string | undefined>> = {
    platform: [platform, arch, libc].filter((part) => part !== undefined).join(', '),
    runtime: `${findings.runtime}, Node-API ${findings.nodeApi}`,
    kernel: findings.kernel,
    within: within.length > 0 ? within.join(', ') : undefined,
    'open files': openFiles && `${openFiles.soft}, at most ${openFiles.hard}`,
    addon: findings.addon,
    ...findings.capabilities,
  };
  const lines = Object.entries(rows).flatMap(([name, text]) =>
    text === undefined ? [] : [`${name.padEnd(18)}${text}`],
  );
  const verdict = `@em/sys ${findings.version} ${findings.works ? 'works here' : 'does not work here'}`;
  return [verdict, ...(findings.problem === undefined ? [] : [findings.problem]), '', ...lines].join('\n');
}
