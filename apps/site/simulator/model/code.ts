import { EventSet } from '@em/core';
import type { FileView, Frame } from './program.ts';
import { DEFAULT_INSTANCE, type Step } from './step.ts';

export const LANGUAGES = ['ts', 'c', 'py'] as const;

export type Language = (typeof LANGUAGES)[number];

export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { ts: 'TypeScript', c: 'C', py: 'Python' };

interface Line {
  readonly ts: string;
  readonly c: string;
  readonly py: string;
}

/** A whole program: what comes before the first step, the lines of each step, and what comes after the last. */
export interface Program {
  readonly head: string;
  readonly steps: readonly string[];
  readonly tail: string;
}

/** @param frames - Those of a run of the steps. */
export function programOf(steps: readonly Step[], frames: readonly Frame[], language: Language): Program {
  const lines = declareOnce(steps.map((step, index) => codeOf(step, frames[index], frames[index + 1], language)));
  const isMade = steps.some((step) => step.do === 'instance' && step.name === DEFAULT_INSTANCE);
  const isUsed = steps.some((step) => 'instance' in step && step.instance === DEFAULT_INSTANCE);
  const manager = lineOf({ do: 'instance', name: DEFAULT_INSTANCE, capacity: 64, isPlain: false }, undefined)[language];
  const own = isUsed && !isMade ? [manager] : [];
  const text = [...own, ...lines].join('\n');
  const needed = (choices: readonly (readonly [RegExp, string])[]): string[] =>
    choices.filter(([use]) => use.test(text)).map(([, line]) => line);
  switch (language) {
    case 'ts': {
      const names = [...new Set(text.match(TS_IMPORTS))].sort().join(', ');
      const imports = names === '' ? [] : [`import { ${names} } from '@em/sys';`];
      return { head: [...imports, ...needed(TS_HEAD), ...own].join('\n'), steps: lines, tail: '' };
    }
    case 'py':
      return { head: [PY_IMPORTS, ...own].join('\n'), steps: lines, tail: '' };
    case 'c': {
      const body = [...needed(C_HEAD), ...own].map(indent);
      return { head: [C_INCLUDES, 'int main(void) {', ...body].join('\n'), steps: lines.map(indent), tail: '}' };
    }
  }
}

const TS_IMPORTS =
  /\b(EpollPoller|EventFd|EventManager|EventSet|Pipe(Reader|Writer)?|TimerFd|UnixStream)(?=[.(])|(?<![.\w])(close|dup)(?=\()/g;

const TS_HEAD = [
  [/PressureTrigger/, "import { PressureTrigger } from '@em/devices/pressure';"],
  [/setTimeout/, "import { setTimeout } from 'node:timers/promises';"],
  [/report\(/, 'const report = (name: string) => (events: number) => console.log(name, events);'],
] as const;

const PY_IMPORTS = 'import os, select, socket, time\nfrom contextlib import suppress\n';

const C_INCLUDES = `#define _GNU_SOURCE
${['fcntl', 'signal', 'stdint', 'stdio', 'sys/epoll', 'sys/eventfd', 'sys/socket', 'sys/timerfd', 'unistd'].map((name) => `#include <${name}.h>`).join('\n')}
`;

const C_HEAD = [
  [/\bwrite\(/, 'signal(SIGPIPE, SIG_IGN);'],
  [/ends\[/, 'int ends[2];'],
  [/buffer/, 'static char buffer[65536];'],
  [/count/, 'uint64_t count;'],
  [/events,/, 'struct epoll_event events[64];'],
] as const;

/** A name can be used again, after a close for example. */
function declareOnce(lines: readonly string[]): readonly string[] {
  const declaration = /^(const|int) (\w+)(?= = )/gm;
  const all = [...lines.join('\n').matchAll(declaration)].map(([, , name]) => name);
  const seen = new Set<string>();
  return lines.map((line) =>
    line.replace(declaration, (text, word, name) => {
      if (seen.has(name)) {
        return name;
      }
      seen.add(name);
      const isAgain = all.filter((other) => other === name).length > 1;
      return isAgain && word === 'const' ? `let ${name}` : text;
    }),
  );
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

/**
 * The calls that do what a step does.
 *
 * @param before - The frame before the step, which knows what its subscription watches.
 * @param after - The frame after it, which knows whether it fails.
 */
export function codeOf(step: Step, before: Frame | undefined, after: Frame | undefined, language: Language): string {
  const text = lineOf(step, before)[language];
  const outcome = after?.outcome ?? '';
  if (language === 'ts') {
    return outcome.startsWith('fails') ? `try { ${text.replace(/^const \w+ = /, '')} } catch {}` : text;
  }
  if (language === 'c') {
    return text;
  }
  const parts = outcome.split(', ');
  return text
    .split('\n')
    .map((line, index) => (raises(parts[index] ?? outcome) ? line.replace(/^(?!#)/, 'with suppress(OSError): ') : line))
    .join('\n');
}

function raises(outcome: string): boolean {
  return /^fails|would block/.test(outcome);
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
        ts: step.isPlain
          ? `const ${name}Poller = new EpollPoller();\nconst ${name} = new EventManager({ poller: ${name}Poller });`
          : `const ${manager(name)} = new EventManager(${step.capacity === 64 ? '' : `{ capacity: ${step.capacity} }`});`,
        c: `int ${name} = epoll_create1(0);`,
        py: `${name} = select.epoll()`,
      };
    }
    case 'pipe': {
      const [r, w] = [id(step.reader), id(step.writer)];
      return {
        ts: `const { reader: ${r}, writer: ${w} } = Pipe.open();`,
        c: `pipe2(ends, O_NONBLOCK);\nint ${r} = ends[0];\nint ${w} = ends[1];`,
        py: `${r}, ${w} = os.pipe2(os.O_NONBLOCK)`,
      };
    }
    case 'socketpair': {
      const [one, other] = [id(step.one), id(step.other)];
      return {
        ts: `const [${one}, ${other}] = UnixStream.pair();`,
        c: `socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends);\nint ${one} = ends[0];\nint ${other} = ends[1];`,
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
        ts: `const ${fd} = PressureTrigger.open({ resource: 'cpu', stallMicroseconds: 150_000 });`,
        c: `int ${fd} = open("/proc/pressure/cpu", O_RDWR);\nwrite(${fd}, "some 150000 2000000", 20);`,
        py: `${fd} = os.open("/proc/pressure/cpu", os.O_RDWR)\nos.write(${fd}, b"some 150000 2000000\\0")`,
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
      return {
        ts: `await setTimeout(${step.ms});`,
        c: `usleep(${step.ms} * 1000);`,
        py: `time.sleep(${step.ms / 1000})`,
      };
    case 'write':
      return each(step.fds, (fd) => write(fd, step.bytes, before));
    case 'herd': {
      const { ts, c, py } = write(step.fd, step.bytes, before);
      const who = `while ${step.instances.join(', ')} wait, each in a thread of its own`;
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
        c: `timerfd_settime(${fd}, 0, &(struct itimerspec){ .it_value = { ${Math.floor(step.ms / 1000)}, ${(step.ms % 1000) * 1e6} } }, NULL);`,
        py: `os.timerfd_settime(${fd}, initial=${step.ms / 1000})`,
      };
    }
    case 'watch': {
      const registration = registrationOf(step.subscription);
      const fd = id(step.fd);
      return {
        ts: `const ${registration} = ${manager(id(step.instance))}.add(${target(step.fd, before)}, ${ts(step.events)}, report('${step.subscription}'));`,
        c: `epoll_ctl(${id(step.instance)}, EPOLL_CTL_ADD, ${fd}, ${event(step.events, fd)});`,
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
        c: `printf("%d ready\\n", epoll_wait(${name}, events, ${capacity}, 0));`,
        py: `print(${name}.poll(0, ${capacity}))`,
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
    c: `write(${fd}, buffer, ${bytes});`,
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

function change(
  name: string,
  before: Frame | undefined,
  op: 'ADD' | 'MOD' | 'DEL',
  method: string,
  to?: EventSet,
): Line {
  const subscription = before?.subscriptions.find((other) => other.name === name);
  const fd = id(subscription?.fd ?? name);
  const epoll = id(subscription?.instance ?? 'epoll');
  const events = to ?? subscription?.events ?? EventSet.EMPTY;
  const state = subscription?.state;
  const call = `${registrationOf(name)}.${method};`;
  if (state === 'ended' || (state === 'paused') !== (op === 'ADD')) {
    return { ...both('no call: epoll does not have it'), ts: call };
  }
  const verb = { ADD: 'register', MOD: 'modify', DEL: 'unregister' }[op];
  return {
    ts: call,
    c: `epoll_ctl(${epoll}, EPOLL_CTL_${op}, ${fd}, ${op === 'DEL' ? 'NULL' : event(events, fd)});`,
    py: `${epoll}.${verb}(${fd}${op === 'DEL' ? '' : `, ${py(events)}`})`,
  };
}

function each(names: readonly string[], lineFor: (name: string) => Line): Line {
  const lines = names.map(lineFor);
  return {
    ts: lines.map((line) => line.ts).join('\n'),
    c: lines.map((line) => line.c).join('\n'),
    py: lines.map((line) => line.py).join('\n'),
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

/** What the manager watches: the object of a file, or another manager. */
function target(name: string, before: Frame | undefined): string {
  const instance = before?.instances.find((other) => other.name === name);
  return instance?.isPlain ? `${id(name)}Poller.fd` : manager(id(name));
}

function event(events: EventSet, fd: string): string {
  return `&(struct epoll_event){ ${c(events)}, { .fd = ${fd} } }`;
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

/** The name of a registration in TypeScript. */
function registrationOf(subscription: string): string {
  return `${subscription.replace(/-./g, ([, letter = '']) => letter.toUpperCase())}Registration`;
}

/** In TypeScript, the default instance is the manager. */
function manager(name: string): string {
  return name === 'epoll' ? 'manager' : name;
}
