import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A GPIO chip that the kernel simulates. The lines are named in the order of their offsets; `''` is no name. */
export class GpioSim implements Disposable {
  static #count = 0;
  readonly path: string;
  readonly #folder: string;
  readonly #lines: string;
  readonly #names: readonly string[];

  constructor(names: readonly string[], label: string = 'em-sim') {
    this.#names = names;
    this.#folder = `/sys/kernel/config/gpio-sim/em-devices-${GpioSim.#count++}`;
    mkdirSync(join(this.#folder, 'bank'), { recursive: true });
    this.#write('bank/num_lines', String(names.length));
    this.#write('bank/label', label);
    for (const [offset, name] of names.entries()) {
      mkdirSync(join(this.#folder, `bank/line${offset}`));
      if (name !== '') {
        this.#write(`bank/line${offset}/name`, name);
      }
    }
    this.#write('live', '1');
    const chip = this.#read('bank/chip_name');
    this.path = join('/dev', chip);
    this.#lines = join('/sys/devices/platform', this.#read('dev_name'), chip);
  }

  /** Pulls an input high or low. */
  pull(offset: number, high: boolean): void {
    writeFileSync(join(this.#lines, `sim_gpio${offset}/pull`), high ? 'pull-up' : 'pull-down');
  }

  /** Returns the level of a line: 0 or 1. */
  level(offset: number): number {
    return Number(readFileSync(join(this.#lines, `sim_gpio${offset}/value`), 'utf8'));
  }

  unplug(): void {
    this.#write('live', '0');
  }

  [Symbol.dispose](): void {
    if (this.#read('live') === '1') {
      this.unplug();
    }
    for (const [offset] of this.#names.entries()) {
      rmdirSync(join(this.#folder, `bank/line${offset}`));
    }
    rmdirSync(join(this.#folder, 'bank'));
    rmdirSync(this.#folder);
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8').trim();
  }

  #write(file: string, text: string): void {
    writeFileSync(join(this.#folder, file), text);
  }
}
