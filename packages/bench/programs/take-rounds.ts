import { createInterface } from 'node:readline';

/**
 * How a JavaScript program takes part: says `ready`, and answers each line of standard input, a number of operations,
 * with what they took. `native/contestant.h` is the same in C++.
 */
export async function takeRounds(round: (operations: number) => void | Promise<void>): Promise<void> {
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    const operations = Number(line);
    const cpu = process.cpuUsage();
    const wall = process.hrtime.bigint();
    await round(operations);
    const wallNs = Number(process.hrtime.bigint() - wall);
    const { user, system } = process.cpuUsage(cpu);
    console.log(JSON.stringify({ wallNs, cpuNs: (user + system) * 1_000 }));
  }
}
