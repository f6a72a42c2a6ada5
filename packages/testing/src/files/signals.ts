import { checkInteger, invalidType, outOfRange } from '@em/core/check';

/** The signals of Linux on x86-64 and arm64, asm-generic/signal.h. The fake needs them on any OS, and in a browser. */
const SIGNALS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGIOT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPOLL: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;
/** `_NSIG` of asm-generic/signal.h, the highest real-time signal. */
const MAX_SIGNAL = 64;
const NAMES = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[];

export const SIGKILL: number = SIGNALS.SIGKILL;

/** The name of a signal: `NodeJS.Signals`, which also has some that Linux lacks. */
export type SignalName = keyof typeof SIGNALS | 'SIGBREAK' | 'SIGINFO' | 'SIGLOST' | 'SIGUNUSED';

/** Checks a signal, and returns its number. */
export function numberOf(signal: SignalName | number): number {
  if (typeof signal === 'number') {
    return checkInteger('signal', signal, 0, MAX_SIGNAL);
  }
  if (typeof signal !== 'string') {
    throw invalidType('signal', 'the name of a signal, or its number', signal);
  }
  const name = NAMES.find((known) => known === signal);
  if (name === undefined) {
    throw outOfRange('signal', 'the name of a signal, such as SIGTERM', signal);
  }
  return SIGNALS[name];
}

/** Returns the name of a signal, or its number if it has no name. */
export function nameOf(number: number): SignalName | number {
  return NAMES.find((name) => SIGNALS[name] === number) ?? number;
}
