import { EventSet } from '@em/core';
import type { FileView, Frame } from './program.ts';
import type { Step } from './step.ts';

export const LANGUAGES = ['ts', 'c', 'py'] as const;

export type Language = (typeof LANGUAGES)[number];

export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { ts: 'TypeScript', c: 'C', py: 'Python' };

interface Line {
  readonly ts: string;
  readonly c: string;
  readonly py: string;
}

/**
 * The calls that do what a step does, in one line.
 *
 * @param before - The frame before the step, which knows what its subscription watches.
 */
export function codeOf(step: Step, before: Frame | undefined, language: Language): string {
  return lineOf(step, before)[language];
}

const C_NAMES: Readonly<Record<string, string>> = {
  IN: 'IN',
  PRIORITY: 'PRI',
  OUT: 'OUT',
  ERROR: 'ERR',
  HANG_UP: 'HUP',
  READ_HANG_UP: 'RDHUP',
  EXCLUSIVE: 'EXCLUSIVE',
  WAKE_UP: 'WAKEUP',
  ONE_SHOT: 'ONESHOT',
  EDGE_TRIGGERED: 'ET',
};

function lineOf(step: Step, before: Frame | undefined): Line {
  switch (step.do) {
    case 'instance': {
      const name = id(step.name);
      return {
        ts: `const ${manager(name)} = new EventManager(${step.capacity === 64 ? '' : `{ capacity: ${step.capacity} }`});`,
        c: `int ${name} = epoll_create1(0);`,
        py: `${name} = select.epoll()`,
      };
    }
    case 'pipe': {
      const [r, w] = [id(step.reader), id(step.writer)];
      return {
        ts: `const { reader: ${r}, writer: ${w} } = Pipe.open();`,
        c: `pipe2(ends, O_NONBLOCK); int ${r} = ends[0], ${w} = ends[1];`,
        py: `${r}, ${w} = os.pipe2(os.O_NONBLOCK)`,
      };
    }
    case 'socketpair': {
      const [one, other] = [id(step.one), id(step.other)];
      return {
        ts: `const [${one}, ${other}] = UnixStream.pair();`,
        c: `socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends); int ${one} = ends[0], ${other} = ends[1];`,
        py: `${one}, ${other} = socket.socketpair(type=socket.SOCK_STREAM | socket.SOCK_NONBLOCK)`,
      };
    }
    case 'eventfd': {
      const fd = id(step.fd);
      return {
        ts: `const ${fd} = new EventFd();`,
        c: `int ${fd} = eventfd(0, EFD_NONBLOCK);`,
        py: `${fd} = os.eventfd(0, os.EFD_NONBLOCK)`,
      };
    }
    case 'timer': {
      const fd = id(step.fd);
      return {
        ts: `const ${fd} = new TimerFd();`,
        c: `int ${fd} = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);`,
        py: `${fd} = os.timerfd_create(time.CLOCK_MONOTONIC, flags=os.TFD_NONBLOCK)`,
      };
    }
    case 'trigger': {
      const fd = id(step.fd);
      return {
        ts: `const ${fd} = PressureTrigger.open(threshold);`,
        c: `int ${fd} = open("/proc/pressure/cpu", O_RDWR); write(${fd}, threshold, length);`,
        py: `${fd} = os.open("/proc/pressure/cpu", os.O_RDWR); os.write(${fd}, threshold)`,
      };
    }
    case 'dup': {
      const [fd, copy] = [id(step.fd), id(step.as)];
      return {
        ts: `const ${copy} = ${classOf(step.fd, before)}.adopt(dup(${fd}.fd));`,
        c: `int ${copy} = dup(${fd});`,
        py: kindOf(step.fd, before) === 'socket' ? `${copy} = ${fd}.dup()` : `${copy} = os.dup(${fd})`,
      };
    }
    case 'close': {
      const fd = id(step.fd);
      return {
        ts: `close(${fd}.fd);`,
        c: `close(${fd});`,
        py: kindOf(step.fd, before) === 'socket' ? `${fd}.close()` : `os.close(${fd})`,
      };
    }
    case 'fire':
      return both(`the event of ${step.fd} happens`);
    case 'pass':
      return both(`${step.ms} ms pass`);
    case 'write':
      return each(step.fds, (fd) => write(fd, step.bytes, before));
    case 'herd': {
      const { ts, c, py } = write(step.fd, step.bytes, before);
      const who = `while ${step.instances.join(', ')} wait`;
      return { ts: `${ts} // ${who}`, c: `${c} // ${who}`, py: `${py}  # ${who}` };
    }
    case 'read':
      return each(step.fds, (fd) => read(fd, step.bytes, before));
    case 'shutdown': {
      const fd = id(step.fd);
      const how = { read: 'RD', write: 'WR', both: 'RDWR' }[step.how];
      return {
        ts: `${fd}.shutdown('${step.how}');`,
        c: `shutdown(${fd}, SHUT_${how});`,
        py: `${fd}.shutdown(socket.SHUT_${how})`,
      };
    }
    case 'arm': {
      const fd = id(step.fd);
      return {
        ts: `${fd}.set({ afterNs: ${step.ms}_000_000n });`,
        c: `timerfd_settime(${fd}, 0, &after_${step.ms}_ms, NULL);`,
        py: `os.timerfd_settime(${fd}, initial=${step.ms / 1000})`,
      };
    }
    case 'watch': {
      const subscription = id(step.subscription);
      const fd = id(step.fd);
      return {
        ts: `const ${subscription}Registration = ${manager(id(step.instance))}.add(${fd}, ${ts(step.events)}, callback);`,
        c: `epoll_ctl(${id(step.instance)}, EPOLL_CTL_ADD, ${fd}, &(struct epoll_event){ ${c(step.events)} });`,
        py: `${id(step.instance)}.register(${fd}, ${py(step.events)})`,
      };
    }
    case 'modify':
      return change(step.subscription, before, 'MOD', `modify(${ts(step.events)})`, step.events);
    case 'rearm':
      return change(step.subscription, before, 'MOD', 'rearm()');
    case 'pause':
      return change(step.subscription, before, 'DEL', 'pause()');
    case 'resume':
      return change(step.subscription, before, 'ADD', 'resume()');
    case 'unwatch':
      return change(step.subscription, before, 'DEL', 'delete()');
    case 'wait': {
      const name = id(step.instance);
      const capacity = before?.instances.find((instance) => instance.name === step.instance)?.capacity ?? 64;
      return {
        ts: `${manager(name)}.wait(0);`,
        c: `epoll_wait(${name}, events, ${capacity}, 0);`,
        py: `${name}.poll(0, ${capacity})`,
      };
    }
  }
}

function write(name: string, bytes: number, before: Frame | undefined): Line {
  const fd = id(name);
  const kind = kindOf(name, before);
  if (kind === 'eventfd') {
    return {
      ts: `${fd}.write(${bytes}n);`,
      c: `eventfd_write(${fd}, ${bytes});`,
      py: `os.eventfd_write(${fd}, ${bytes})`,
    };
  }
  return {
    ts: `${fd}.write(new Uint8Array(${bytes}));`,
    c: `write(${fd}, bytes, ${bytes});`,
    py: kind === 'socket' ? `${fd}.send(bytes(${bytes}))` : `os.write(${fd}, bytes(${bytes}))`,
  };
}

function read(name: string, bytes: number | 'all', before: Frame | undefined): Line {
  const fd = id(name);
  const kind = kindOf(name, before);
  if (kind === 'eventfd') {
    return { ts: `${fd}.read();`, c: `eventfd_read(${fd}, &count);`, py: `os.eventfd_read(${fd})` };
  }
  if (kind === 'timer') {
    return { ts: `${fd}.read();`, c: `read(${fd}, &count, 8);`, py: `os.read(${fd}, 8)` };
  }
  const size = bytes === 'all' ? 65536 : bytes;
  return {
    ts: `${fd}.read(new Uint8Array(${size}));`,
    c: `read(${fd}, buffer, ${size});`,
    py: kind === 'socket' ? `${fd}.recv(${size})` : `os.read(${fd}, ${size})`,
  };
}

function change(name: string, before: Frame | undefined, op: 'ADD' | 'MOD' | 'DEL', call: string, to?: EventSet): Line {
  const subscription = before?.subscriptions.find((other) => other.name === name);
  const fd = id(subscription?.fd ?? name);
  const epoll = id(subscription?.instance ?? 'epoll');
  const events = to ?? subscription?.events ?? EventSet.EMPTY;
  const event = op === 'DEL' ? 'NULL' : `&(struct epoll_event){ ${c(events)} }`;
  const method = { ADD: 'register', MOD: 'modify', DEL: 'unregister' }[op];
  return {
    ts: `${id(name)}Registration.${call};`,
    c: `epoll_ctl(${epoll}, EPOLL_CTL_${op}, ${fd}, ${event});`,
    py: `${epoll}.${method}(${fd}${op === 'DEL' ? '' : `, ${py(events)}`})`,
  };
}

function each(names: readonly string[], lineFor: (name: string) => Line): Line {
  const lines = names.map(lineFor);
  return {
    ts: lines.map((line) => line.ts).join(' '),
    c: lines.map((line) => line.c).join(' '),
    py: lines.map((line) => line.py).join('; '),
  };
}

function both(text: string): Line {
  return { ts: `// ${text}`, c: `// ${text}`, py: `# ${text}` };
}

function fileOf(name: string, before: Frame | undefined): FileView | undefined {
  return before?.files.find(({ ends }) => ends.some(({ fds }) => fds.includes(name)));
}

function kindOf(name: string, before: Frame | undefined): FileView['kind'] | undefined {
  return fileOf(name, before)?.kind;
}

/** The class of the object that has the fd. */
function classOf(name: string, before: Frame | undefined): string {
  const file = fileOf(name, before);
  if (file?.kind === 'pipe') {
    return file.ends[0]?.fds.includes(name) ? 'PipeReader' : 'PipeWriter';
  }
  return { socket: 'UnixStream', eventfd: 'EventFd', timer: 'TimerFd', trigger: 'PressureTrigger' }[
    file?.kind ?? 'trigger'
  ];
}

function ts(events: EventSet): string {
  return names(events, (name) => `EventSet.${name}`, 'EventSet.EMPTY');
}

function c(events: EventSet): string {
  return names(events, (name) => `EPOLL${C_NAMES[name]}`, '0');
}

function py(events: EventSet): string {
  return names(events, (name) => `select.EPOLL${C_NAMES[name]}`, '0');
}

function names(events: EventSet, nameOf: (name: string) => string, empty: string): string {
  return EventSet.toNames(events).map(nameOf).join(' | ') || empty;
}

/** A name that all three languages allow. */
function id(name: string): string {
  return name.replaceAll('-', '_');
}

/** In TypeScript, the default instance is the manager. */
function manager(name: string): string {
  return name === 'epoll' ? 'manager' : name;
}
