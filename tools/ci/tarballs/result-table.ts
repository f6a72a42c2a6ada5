import type { Runtime } from '../runtimes/runtimes.ts';

/** Which packages work on which runtime, for each installer. */
export class ResultTable {
  readonly #cells = new Map<string, Map<string, string[]>>();

  /** Runs `trial`, and records whether it throws. */
  async record(packages: string, installer: string, runtime: string, trial: () => Promise<void>): Promise<void> {
    const row = this.#cells.get(runtime) ?? new Map<string, string[]>();
    const cell = row.get(packages) ?? [];
    this.#cells.set(runtime, row.set(packages, cell));
    try {
      await trial();
      cell.push(installer);
    } catch (error) {
      cell.push(`${installer} FAILED`);
      throw error;
    }
  }

  /** As Markdown: a row per runtime, a column per set of packages, the installers in the cells. */
  format(): string {
    const columns = [...new Set([...this.#cells.values()].flatMap((row) => [...row.keys()]))];
    const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
    const rows = [...this.#cells].map(([runtime, row]) =>
      line([runtime, ...columns.map((column) => row.get(column)?.join(', ') ?? '–')]),
    );
    return [line(['', ...columns]), line(['---', ...columns.map(() => '---')]), ...rows].join('\n');
  }
}

/** Pairs of a label and a runtime, for the titles of tests and rows. */
export function labelled(runtimes: readonly Runtime[]): [string, Runtime][] {
  return runtimes.map((runtime) => [`${runtime.name} ${runtime.version}`, runtime]);
}
