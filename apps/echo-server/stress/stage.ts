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
/** Each has some 28,000 ports to connect from. */
const SOURCES = Array.from({ length: 16 }, (_, i) => `127.0.1.${i + 1}`);
/** By how much what JavaScript keeps may have grown in the end: by what it has compiled. */
const KEPT_BYTES = 8 * 1024 * 1024;
/** The same for all of the process: by what the heap of the engine has had room for, too. */
const RESIDENT_BYTES = 48 * 1024 * 1024;

/** What a process needs for itself, and for those who come meanwhile. */
const FILES_FOR_OTHERS = 500;

/** As many connections as one process may have, of those that are wanted. */
export function mostConnections(wanted: number): number {
  return Math.min(wanted, openFilesLimit() - FILES_FOR_OTHERS);
}

/** A server, and the clients that it meets. All that runs is ended with it. */
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

  /** Lets clients come, in several processes. */
  streams(groups: readonly Group[], how: Pick<StreamPlan, 'together' | 'atOnce'>): Fleet {
    const { seed, processes } = this.#trial;
    return this.send(divideStreams({ ...how, port: this.server.port, sources: SOURCES, seed, groups }, processes));
  }

  /** The same by plans for each process. */
  send(plans: readonly Plan[]): Fleet {
    const fleet = new Fleet(plans);
    this.#fleets.push(fleet);
    return fleet;
  }

  /** Waits until nothing is left of any client: no connection, no file, no memory. */
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
        ['connections, files left', '0, 0'],
        ['memory kept at the start, in the end', listed(megabytes, start.keptBytes, memory.keptBytes)],
        [
          'resident at the start, at most, in the end',
          listed(megabytes, start.residentBytes, peakBytes, memory.residentBytes),
        ],
      ],
    };
  }

  /** Stops the server, which has nothing to complain of. */
  async stop(): Promise<void> {
    this.server.kill('SIGTERM');
    equal(await this.server.exitCode(), 0);
    equal(this.server.complaints().join('\n'), '');
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
