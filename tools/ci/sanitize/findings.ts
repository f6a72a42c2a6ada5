import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Matches the stack of a leak of our code. Node, and other code that it loads, leak too. */
const OURS = /\/packages\/sys\/native\/src\/|\/sanitize\/canary\.cc/;

/** The findings that sanitizers wrote to a folder, without the leaks of other code. */
export function findings(logs: string): string[] {
  return readdirSync(logs).flatMap((log) => ourFindings(readFileSync(join(logs, log), 'utf8')));
}

/** The parts of a report that are about our code. */
export function ourFindings(report: string): string[] {
  if (!report.includes('LeakSanitizer: detected memory leaks')) {
    return [report];
  }
  const leaks = report.split(/^(?=(?:Direct|Indirect) leak of |SUMMARY: )/m);
  return leaks.filter((leak) => OURS.test(leak));
}
