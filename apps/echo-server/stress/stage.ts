import { equal } from 'node:assert/strict';
import { until } from '../test/until.ts';
import { divideStreams, Fleet } from './fleet.ts';
import { count, listed, megabytes } from './format.ts';
import type { Group, Plan, StreamPlan } from './plan.ts';
import type { Figure, Trial } from './scenario.ts';
import { filesOf, memoryOf, openFilesLimit } from './server/process-figures.ts';
import { type ServerOptions, ServerProcess, type Statistics } from './server/server-process.ts';
import { sumOf } from './tally.ts';

const PROGRESS_MS = 2000;
/** Each has about 28,000 ports to connect from. */
const SOURCES = Array.from({ length: 16 }, (_, i) => `127.0.1.${i + 1}`);
/** The most that the memory of JavaScript may grow: by compiled code. */
const KEPT_BYTES = 8 * 1024 * 1024;
/** The most that the memory of the process may grow: by compiled code, and room in the heap of the engine. */
const RESIDENT_BYTES = 48 * 1024 * 1024;

/** The files that a process needs for itself, and for clients that connect meanwhile. */
const FILES_FOR_OTHERS = 500;

/** The requested number of connections, or as many as one process can have. */
export function mostConnections(wanted: number): number {
  return Math.min(wanted, openFilesLimit() - FILES_FOR_OTHERS);
}

/** A server and its clients. Disposing ends them all. */
export class Stage implements AsyncDisposable {
  readonly server: ServerProcess;
  readonly #trial: Trial;
  readonly #fleets: Fleet[] = [];
  readonly #progress: NodeJS.Timeout;

  private constructor(trial: Trial, server: ServerProcess) {
    this.#trial = trial;
    this.server = server;
    this.#progress = setInterval(() => this.#sayHowFar(), PROGRESS_MS);
  }

  static async open(trial: Trial, options: ServerOptions = {}): Promise<Stage> {
    return new Stage(trial, await ServerProcess.start(options));
  }

  /** Starts clients in several processes. */
  streams(groups: readonly Group[], how: Pick<StreamPlan, 'together' | 'atOnce'>): Fleet {
    const { seed, processes } = this.#trial;
    return this.send(divideStreams({ ...how, port: this.server.port, sources: SOURCES, seed, groups }, processes));
  }

  /** Starts clients by one plan per process. */
  send(plans: readonly Plan[]): Fleet {
    const fleet = new Fleet(plans);
    this.#fleets.push(fleet);
    return fleet;
  }

  /** Waits until the clients have left nothing behind: no connection, no file, no memory. */
  async comeToRest(): Promise<{ readonly figures: readonly Figure[]; readonly statistics: Statistics }> {
    const { server } = this;
    await until('no connection is left in /proc', () => server.sockets === 0);
    await until('no connection is left in the statistics', async () => (await server.statistics()).connections === 0);
    const start = server.memoryAtStart;
    const { peakBytes } = memoryOf(server.pid);
    let memory = await server.memory();
    await until(`memory is back to ${megabytes(start.residentBytes)}: ${JSON.stringify(memory)}`, async () => {
      memory = await server.memory();
      return (
        memory.keptBytes < start.keptBytes + KEPT_BYTES && memory.residentBytes < start.residentBytes + RESIDENT_BYTES
      );
    });
    const statistics = await server.statistics();
    equal(statistics.bufferedBytes, 0);
    equal(statistics.workerFailures, 0);
    equal(statistics.failed, 0);
    equal(filesOf(server.pid).length, server.filesAtStart);
    return {
      statistics,
      figures: [
        ['remaining connections, files', '0, 0'],
        ['memory of JavaScript at the start, at the end', listed(megabytes, start.keptBytes, memory.keptBytes)],
        [
          'resident memory at the start, maximum, at the end',
          listed(megabytes, start.residentBytes, peakBytes, memory.residentBytes),
        ],
      ],
    };
  }

  /** Stops the server, and checks that it has logged no problem, except warnings that begin with `expected`. */
  async stop(expected?: string): Promise<void> {
    this.server.kill('SIGTERM');
    equal(await this.server.exitCode(), 0);
    const problems = this.server.problems().filter((text) => expected === undefined || !text.startsWith(expected));
    equal(problems.join('\n'), '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#progress);
    for (const fleet of this.#fleets) {
      fleet.end();
    }
    this.server.kill('SIGKILL');
    await this.server.exitCode();
  }

  #sayHowFar(): void {
    const tally = sumOf(this.#fleets.map((fleet) => fleet.tally));
    const ended = this.#fleets.reduce((sum, fleet) => sum + fleet.ended, 0);
    const { say } = this.#trial;
    say(`${count(tally.greeted)} accepted, ${megabytes(tally.bytes)} came back, ${count(ended)} clients have ended`);
  }
}
