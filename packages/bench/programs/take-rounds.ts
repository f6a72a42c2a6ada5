import { createInterface } from 'node:readline';
import type { Figures } from '../src/question.ts';

/**
 * Makes a JavaScript program a contestant: prints `ready`, then reads lines with a number of operations, and answers each
 * with their costs. `native/contestant.h` is the same in C++.
 *
 * @param others - Called after each round, for what else the answer contains.
 */
export async function takeRounds(
  round: (operations: number) => void | Promise<void>,
  others: () => Figures = () => ({}),
): Promise<void> {
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    const operations = Number(line);
    const cpu = process.cpuUsage();
    const wall = process.hrtime.bigint();
    await round(operations);
    const wallNs = Number(process.hrtime.bigint() - wall);
    const { user, system } = process.cpuUsage(cpu);
    console.log(JSON.stringify({ ...others(), wallNs, cpuNs: (user + system) * 1_000 }));
  }
}
