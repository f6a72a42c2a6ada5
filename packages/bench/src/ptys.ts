// Runs programs in ptys of @em/devices and of node-pty, in turns, and prints how they compare. It builds node-pty.
// argv: paths of other versions of Node, on which both run, too.

import { execFileSync } from 'node:child_process';
import { Child } from './child.ts';
import { circumstances } from './machine.ts';
import { buildNodePty, NODE_PTY_VERSION } from './node-pty.ts';
import { programPath } from './programs.ts';

const ROUNDS = 10;

type Answer = Readonly<Record<string, number>>;

interface Contestant {
  readonly name: string;
  readonly child: Child;
}

const contestants: Contestant[] = [];
const nodePty = await buildNodePty();
for (const node of [process.execPath, ...process.argv.slice(2)]) {
  const version = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
  for (const [name, ...args] of [
    ['`Pty`', 'em'],
    [`node-pty ${NODE_PTY_VERSION}`, 'node-pty', nodePty],
  ] as const) {
    const { child } = await Child.start([node, programPath('ptys'), ...args]);
    contestants.push({ name: `${name}, Node ${version}`, child });
  }
}

/** Has the contestants do a task in turns. Returns the answers of each. */
async function inTurns(task: string, rounds: number): Promise<Answer[][]> {
  const answers: Answer[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = [...contestants.entries()];
    for (const [index, { child }] of round % 2 === 0 ? order : order.reverse()) {
      answers[index]?.push((await child.ask(task)) as Answer);
    }
  }
  return answers;
}

type Show = (answers: readonly Answer[]) => string;

const values = (answers: readonly Answer[], key: string): number[] =>
  answers.map((answer) => answer[key] ?? Number.NaN).sort((one, other) => one - other);

const sum =
  (key: string): Show =>
  (answers) =>
    values(answers, key)
      .reduce((total, value) => total + value, 0)
      .toLocaleString('en');

/** The lowest and the highest value. */
const range =
  (key: string, unit: string, decimals = 0): Show =>
  (answers) => {
    const all = values(answers, key).map((value) => value.toLocaleString('en', { maximumFractionDigits: decimals }));
    const [low, high] = [all[0], all.at(-1)];
    return `${low === high ? low : `${low} to ${high}`}${unit}`;
  };

const commands = await inTurns('commands 100', ROUNDS);
const megabytes = await inTurns('megabytes 300', 3);
const unreadOutput = await inTurns('unreadOutput 3', 2);
const unreadInput = await inTurns('unreadInput 3', 2);
const threads = await inTurns('threads 100', 1);
await Promise.all(contestants.map(({ child }) => child.stop()));

const rows: readonly [string, readonly Answer[][], Show][] = [
  [`outputs that are cut when the exit is reported, of ${ROUNDS * 100} times 20 kB`, commands, sum('cut')],
  ['bytes that are missing then', commands, sum('missingBytes')],
  ['bytes that are missing of 300 MB', megabytes, range('missingBytes', '')],
  ['CPU time for 300 MB', megabytes, range('cpuMs', ' ms')],
  ['CPU time while nothing reads the output of a program', unreadOutput, range('percent', ' %', 1)],
  ['CPU time while a program does not read its input', unreadInput, range('percent', ' %', 1)],
  ['threads of the process with 1 pty', threads, range('one', '')],
  ['threads of the process with 100 ptys', threads, range('all', '')],
];
const { date, commit, cpu, cores, kernel, loadAtStart } = circumstances();
console.log(
  [
    `| | ${contestants.map(({ name }) => name).join(' | ')} |`,
    `|${'---|'.repeat(contestants.length + 1)}`,
    ...rows.map(([title, answers, show]) => `| ${[title, ...answers.map(show)].join(' | ')} |`),
    '',
    `Commit ${commit}, ${date}; ${cpu}, ${cores} cores, ${kernel}; load average ${loadAtStart.toFixed(2)}.`,
  ].join('\n'),
);
