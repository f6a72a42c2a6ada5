// The English that this repository does not use, and what to write instead. The sentences of `caught` and `passes` are
// the tests of each pattern.

export interface Pattern {
  /** A space matches any white space, a line break included. `^` is the beginning of a sentence. */
  readonly pattern: string;
  /** Case counts only where this is set. */
  readonly isCaseSensitive?: boolean;
  readonly instead: string;
  readonly caught: string;
  readonly passes: string;
}

const units = '(message|event|registration|call|batch|fd|package|connection|client|datagram|entry|process|thread|file)';

export const patterns: readonly Pattern[] = [
  // Subject, verb, object.
  {
    pattern: '^Who (?!owns)\\w+s\\b(?![^.?]*\\?)',
    isCaseSensitive: true,
    instead: 'start with the subject: "If you have pnpm, …", "A client that sends …"',
    caught: 'Who has pnpm writes pnpm test.',
    passes: 'Who owns the fd? The registration that added it.',
  },
  {
    pattern: '\\bwho(m)?ever\\b',
    instead: 'name the person or the thing: "the caller", "another process"',
    caught: 'Whoever reads the log may have gone.',
    passes: 'The reader of the log may have gone.',
  },
  {
    pattern: '^What (would|nobody|no|cannot|can|must|does|follows|throws|fails)\\b(?![^.?]*\\?)',
    isCaseSensitive: true,
    instead: 'start with a noun: "Events that …"',
    caught: 'What would block is tried again.',
    passes: 'What would you do? See what would block.',
  },
  {
    pattern: '\\b(is|are|was) none\\b(?! of)',
    instead: '"there is no …", "it is not …"',
    caught: 'What is meant for another process is none.',
    passes: 'None of them is closed, as there is none of that kind.',
  },
  {
    pattern: '\\b(nobody|somebody)\\b',
    instead: 'name what acts: "the caller", "no registration", "another thread"',
    caught: 'It needs somebody who calls wait.',
    passes: 'It needs a loop that calls wait.',
  },
  {
    pattern: '\\bnor (is|are|does|do|did|has|have|can|will|was)\\b',
    instead: 'repeat the subject: "the next call does not … either"',
    caught: 'nor does it lose the batch',
    passes: 'a callback that throws does not lose the rest of the batch',
  },
  {
    pattern: '\\b(he|him|his)\\b',
    instead: '"you", or name what acts',
    caught: 'no client gets more than he can take',
    passes: 'the callback is never given more than this one can handle',
  },
  // Everyday verbs.
  {
    pattern: '\\b(tell|tells|told|telling)\\b',
    instead: '"report", "say", "return"; to tell apart: "distinguish"',
    caught: 'ERROR is told whether or not you ask for it.',
    passes: 'ERROR is always reported.',
  },
  {
    pattern: '\\bmostly\\b',
    instead: '"usually"',
    caught: 'That is mostly a mistake.',
    passes: 'It is usually a mistake.',
  },
  {
    pattern: '\\bso many\\b',
    instead: '"at most N", "that number of …"',
    caught: 'At most so many bytes.',
    passes: 'Maximum number of bytes; many are fine.',
  },
  { pattern: '\\banew\\b', instead: '"again"', caught: 'The poller is made anew.', passes: 'Add it again, a new fd.' },
  {
    pattern: ', say\\b(?! (that|so|what|how|which|whether|why)\\b)',
    instead: '"for example", at the front',
    caught: 'a socket, say, or a pipe',
    passes: 'In a report, say what you saw.',
  },
  {
    pattern: '\\bfor one(?=[,.;:)]|$)',
    instead: '"for example", at the front',
    caught: 'by a syntax error for one, is a failure',
    passes: 'for one fd, for one of them',
  },
  {
    pattern: '\\bin any case\\b|\\ball the same(?=[,.;:)]|$)',
    instead: '"always", "anyway"',
    caught: 'HANG_UP is reported in any case.',
    passes: 'In any of these cases all the same rules hold.',
  },
  {
    pattern: '\\bfor ever\\b',
    instead: '"forever", "without end"',
    caught: 'They answer each other for ever.',
    passes: 'They answer each other for every message.',
  },
  {
    pattern: '\\bif (it is )?not given\\b',
    instead: '"Defaults to …"',
    caught: 'To the end of the buffer if not given.',
    passes: 'Defaults to the rest of the buffer.',
  },
  {
    pattern: '\\bsees? to it\\b',
    instead: '"ensures", "makes sure"',
    caught: 'A test sees to it that all agree.',
    passes: 'It sees that; a test makes sure of it.',
  },
  {
    pattern: `\\b(once|twice|times|bytes|[kKMG]i?B|[nµm]?s|nanoseconds|microseconds|time|memory|calls?|crossings?|allocations?|copies|fds?|files?|events?) an? ${units}(?![\\w-]| (is|that|has|may)\\b)`,
    instead: '"per"',
    caught: 'It takes 40 bytes a registration.',
    passes: 'It uses 40 bytes per registration, and at that time a registration is new.',
  },
  {
    pattern: '\\b(those|that|he|they) who\\b|\\bthat which\\b',
    instead: 'a noun: "users that …", "the entry that …"',
    caught: 'for those who have no kernel',
    passes: 'for users without a kernel: that is a file which they own',
  },
  {
    pattern: '\\b(hear|hears|heard) of\\b',
    instead: '"get", "be notified of", "know about"',
    caught: 'The manager never hears of it.',
    passes: 'The manager gets no event.',
  },
  {
    pattern: '\\b(lie|lies|lay|stand|stands|stood) (in|at|behind|beside|above|before|below|here|there)\\b',
    instead: '"is", "are"; to stand in for: "replace"',
    caught: 'The words lie in shared memory.',
    passes: 'The words are in shared memory, and the name stands for a file.',
  },
  {
    pattern:
      ', for (it|they|there|these|nothing|no \\w+) (is|are|was|has|have|can|cannot|may|must|will|would|does|do|needs?|gets?|come)\\b',
    instead: '"because"',
    caught: 'Ask with &, for they come together.',
    passes: 'Ask with &, because they come together, for them and for it.',
  },
  {
    pattern: '\\b(as ever|be it|in vain|be had|of a sudden|the like)\\b',
    instead: 'everyday words: "as before", "whether", "without success", "is available", "similar"',
    caught: 'a socket, be it closed or not',
    passes: 'a socket, whether it is closed or not; it may be its own',
  },
  // One word for one thing.
  {
    pattern: '\\bsources? of readiness\\b',
    instead: '"poller"',
    caught: 'a source of readiness',
    passes: 'a source of numbers',
  },
  {
    pattern: '\\bout of step\\b|\\bstrays?\\b',
    instead: '"stale event"',
    caught: 'an event that is out of step',
    passes: 'a stale event is out of date',
  },
  {
    pattern: '\\bwish(es|ed)?\\b',
    instead: '"interest", "registration"; as a verb, "want"',
    caught: 'the wishes for an fd',
    passes: 'the interest in an fd, wishful',
  },
  { pattern: '\\bkeepers?\\b', instead: '"registration"', caught: 'the keeper of the fd', passes: 'keep the fd' },
  {
    pattern: '\\bserv(e|es|ed|ing) (the|a|this|that|its) (event )?manager\\b',
    instead: '"drive the manager"',
    caught: 'Nobody serves the manager.',
    passes: 'The server has a manager and serves clients.',
  },
  {
    pattern: '\\bus(e|es|ed|ing) up (the|an|its|their|all|such)? ?events?\\b',
    instead: '"consume"',
    caught: 'A poll uses up the event.',
    passes: 'A poll consumes the event, and uses up to 40 bytes.',
  },
  // Not English at all.
  {
    pattern: '<{7} \\w|>{7} \\w',
    instead: 'the result of the merge',
    caught: '<<<<<<< HEAD',
    passes: 'a << b >> c',
  },
];
