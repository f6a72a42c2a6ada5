#!/usr/bin/env node
// `npx @em/sys doctor` reports whether this package works here, and what a bug report needs.

import { examine } from './examine.js';
import { format } from './format.js';

const USAGE = `Usage: em-sys doctor [--json]

Reports whether @em/sys works on this machine, what it runs on, and what the kernel allows.
Exit codes: 0 if it works, 1 if it does not, 2 if the arguments are wrong.`;

const [command, ...flags] = process.argv.slice(2);
if (command === '--help' || command === '-h') {
  console.log(USAGE);
} else if (command !== 'doctor' || flags.some((flag) => flag !== '--json')) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const findings = examine();
  console.log(flags.length > 0 ? JSON.stringify(findings, null, 2) : format(findings));
  process.exitCode = findings.works ? 0 : 1;
}
