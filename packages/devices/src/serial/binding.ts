import { type EventManager, EventSet } from '@em/core';
import { outOfRange } from '@em/core/check';
import { listSerialPorts, type SerialPortInfo } from './list.js';
import { type SerialOptions, SerialPort } from './serial-port.js';

/** The options that `@serialport/stream` passes on. */
export interface BindingOptions {
  readonly path: string;
  readonly baudRate: number;
  readonly dataBits?: 5 | 6 | 7 | 8;
  readonly lock?: boolean;
  readonly stopBits?: 1 | 1.5 | 2;
  readonly parity?: string;
  readonly rtscts?: boolean;
  readonly xon?: boolean;
  readonly xoff?: boolean;
  readonly xany?: boolean;
  readonly hupcl?: boolean;
}

/** `BindingPortInterface` of `@serialport/bindings-interface`: an open port. */
export interface BindingPort {
  readonly openOptions: Required<BindingOptions>;
  readonly isOpen: boolean;
  close(): Promise<void>;
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
  write(buffer: Buffer): Promise<void>;
  update(options: { readonly baudRate: number }): Promise<void>;
  set(flags: { brk?: boolean; cts?: boolean; dsr?: boolean; dtr?: boolean; rts?: boolean }): Promise<void>;
  get(): Promise<{ cts: boolean; dsr: boolean; dcd: boolean }>;
  getBaudRate(): Promise<{ baudRate: number }>;
  flush(): Promise<void>;
  drain(): Promise<void>;
}

/** `BindingInterface` of `@serialport/bindings-interface`. */
export interface Binding {
  list(): Promise<SerialPortInfo[]>;
  open(options: BindingOptions): Promise<BindingPort>;
}

/**
 * Makes a binding for `@serialport/stream`, so that its streams, and parsers on top of them, use {@link SerialPort}.
 *
 * @param manager - Has to run.
 *
 * @example
 * ```ts
 * import { SerialPortStream } from '@serialport/stream';
 *
 * const binding = serialBinding(manager);
 * const port = new SerialPortStream({ binding, path: '/dev/ttyUSB0', baudRate: 115_200 });
 * ```
 */
export function serialBinding(manager: EventManager): Binding {
  return {
    list: () => Promise.resolve([...listSerialPorts()]),
    open: (options) => new Promise((resolve) => resolve(new Port(manager, options))),
  };
}

class Port implements BindingPort {
  readonly openOptions: Required<BindingOptions>;
  readonly #manager: EventManager;
  readonly #port: SerialPort;
  readonly #end: AbortController = new AbortController();

  constructor(manager: EventManager, options: BindingOptions) {
    this.openOptions = {
      dataBits: 8,
      lock: true,
      stopBits: 1,
      parity: 'none',
      rtscts: false,
      xon: false,
      xoff: false,
      xany: false,
      hupcl: true,
      ...options,
    };
    this.#manager = manager;
    this.#port = SerialPort.open(options.path, serialOptions(this.openOptions));
  }

  get isOpen(): boolean {
    return !this.#port.closed;
  }

  close(): Promise<void> {
    return this.#ask((port) => {
      this.#end.abort();
      port.close();
    });
  }

  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }> {
    return this.#transfer(async (port) => {
      let bytesRead = port.read(buffer, offset, length);
      while (bytesRead === undefined) {
        await this.#until(EventSet.IN);
        bytesRead = port.read(buffer, offset, length);
      }
      if (bytesRead === 0) {
        throw new Error(`${this.openOptions.path} is gone`);
      }
      return { buffer, bytesRead };
    });
  }

  write(buffer: Buffer): Promise<void> {
    return this.#transfer(async (port) => {
      for (let sent = 0; sent < buffer.length; ) {
        const length = port.write(buffer, sent);
        sent += length ?? 0;
        if (length === undefined) {
          await this.#until(EventSet.OUT);
        }
      }
    });
  }

  update({ baudRate }: { readonly baudRate: number }): Promise<void> {
    return this.#ask((port) => port.setBaudRate(baudRate));
  }

  set({ brk = false, dtr = true, rts = true }: { brk?: boolean; dtr?: boolean; rts?: boolean }): Promise<void> {
    return this.#ask((port) => {
      port.setBreak(brk);
      port.setModemLines({ dtr, rts });
    });
  }

  get(): Promise<{ cts: boolean; dsr: boolean; dcd: boolean }> {
    return this.#ask(({ modemLines: { cts, dsr, dcd } }) => ({ cts, dsr, dcd }));
  }

  getBaudRate(): Promise<{ baudRate: number }> {
    return this.#ask(({ baudRate }) => ({ baudRate }));
  }

  flush(): Promise<void> {
    return this.#ask((port) => port.flush());
  }

  drain(): Promise<void> {
    return this.#ask((port) => port.drain());
  }

  /** Calls the port at once. If that throws, the promise is rejected. */
  #ask<T>(call: (port: SerialPort) => T | Promise<T>): Promise<T> {
    return new Promise((resolve) => resolve(call(this.#open())));
  }

  #open(): SerialPort {
    if (this.#port.closed) {
      throw new Error('Port is not open');
    }
    return this.#port;
  }

  #until(events: EventSet): Promise<EventSet> {
    return this.#manager.once(this.#port, events, { signal: this.#end.signal });
  }

  /** If the port is closed meanwhile, the error is `canceled`. */
  async #transfer<T>(transfer: (port: SerialPort) => Promise<T>): Promise<T> {
    const port = this.#open();
    try {
      return await transfer(port);
    } catch (error) {
      throw this.#end.signal.aborted
        ? Object.assign(new Error('Port was closed', { cause: error }), { canceled: true })
        : error;
    }
  }
}

/** @throws RangeError `ERR_OUT_OF_RANGE` for what a {@link SerialPort} cannot do. */
function serialOptions(options: Required<BindingOptions>): SerialOptions {
  const { baudRate, dataBits, parity, stopBits, rtscts, xon, xoff, xany, hupcl, lock } = options;
  if (xon !== xoff || (xon && rtscts)) {
    throw outOfRange('options.xon', `${!rtscts && xoff}, as options.xoff, and false with options.rtscts`, xon);
  }
  if (xany) {
    throw outOfRange('options.xany', 'false', xany);
  }
  if (!hupcl) {
    throw outOfRange('options.hupcl', 'true', hupcl);
  }
  const soft = xon ? 'software' : 'none';
  return {
    baudRate,
    dataBits,
    flowControl: rtscts ? 'hardware' : soft,
    exclusive: lock,
    // SerialPort.open() refuses other values.
    parity: parity as NonNullable<SerialOptions['parity']>,
    stopBits: stopBits as NonNullable<SerialOptions['stopBits']>,
  };
}
