import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a stack has come by if a leak is ours: Node, and what else it loads, have leaks of their own. */
const OURS = /\/packages\/sys\/native\/src\/|\/sanitize\/canary\.cc/;

/** What sanitizers have left in a folder, without the leaks of others. */
export function findings(logs: string): string[] {
  return readdirSync(logs).flatMap((log) => ourFindings(readFileSync(join(logs, log), 'utf8')));
}

/** The parts of a report that are about us. */
export function ourFindings(report: string): string[] {
  if (!report.includes('LeakSanitizer: detected memory leaks')) {
    return [report];
  }
  const leaks = report.split(/^(?=(?:Direct|Indirect) leak of |SUMMARY: )/m);
  return leaks.filter((leak) => OURS.test(leak));
}
