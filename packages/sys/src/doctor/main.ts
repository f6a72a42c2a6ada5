#!/usr/bin/env node
// `npx @em/sys doctor`: tells whether this package works here, and what a maintainer would ask for first.

import { examine } from './examine.js';
import { format } from './format.js';

const USAGE = `Usage: em-sys doctor [--json]

Tells whether @em/sys works on this machine, with what, and what the kernel lets it do.
Exit codes: 0 it works, 1 it does not, 2 bad usage.`;

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
