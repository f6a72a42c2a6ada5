import type { Details, Log } from '../../src/context.js';

/** A log that records its lines: `warn new connections must wait reason=…`. */
export class FakeLog implements Log {
  readonly lines: string[] = [];

  debug(message: string, details: Details = {}): void {
    this.#write('debug', message, details);
  }

  info(message: string, details: Details = {}): void {
    this.#write('info', message, details);
  }

  warn(message: string, details: Details = {}): void {
    this.#write('warn', message, details);
  }

  error(message: string, details: Details = {}): void {
    this.#write('error', message, details);
  }

  #write(level: string, message: string, details: Details): void {
    const pairs = Object.entries(details).map(([name, value]) => `${name}=${value}`);
    this.lines.push([level, message, ...pairs].join(' '));
  }
}
