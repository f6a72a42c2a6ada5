import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../simulator/address.ts';
import { codeOf, type Language, programOf } from '../../simulator/model/code.ts';
import { FakeWorld } from '../../simulator/model/fake-world.ts';
import { run } from '../../simulator/model/program.ts';
import { parseStep } from '../../simulator/model/step.ts';

const outcomesOf = (...steps: string[]): readonly string[] =>
  run(steps.map(parseStep), new FakeWorld())
    .slice(1)
    .map(({ outcome }) => outcome);

const lastLineOf = (language: Language, ...texts: string[]): string => {
  const steps = texts.map(parseStep);
  const frames = run(steps, new FakeWorld());
  return codeOf(steps.at(-1) as (typeof steps)[number], frames.at(-2), frames.at(-1), language);
};

describe('a write while instances wait', () => {
  test('happens in its own step, although an instance has something to report and does not sleep', () => {
    expect(
      outcomesOf(
        'eventfd e',
        'instance a',
        'watch e in a IN',
        'write e 1',
        'write e 1 while a',
        'read e all',
        'pass 9',
        'read e all',
      ).slice(4),
    ).toEqual(['0 are woken', 'e gives 2', '9 ms have passed', 'e would block']);
  });

  test('wakes the instances behind one that has something to report', () => {
    const steps = ['eventfd idle', 'eventfd e', 'instance a', 'instance b', 'watch idle in a OUT', 'watch e in b IN'];
    const frame = run([...steps, 'write e 1 while a b'].map(parseStep), new FakeWorld()).at(-1);
    expect(frame?.outcome).toBe('1 is woken');
    expect(frame?.reports.map(({ subscription }) => subscription)).toEqual(['idle', 'e']);
  });

  test('says why it fails', () => {
    expect(outcomesOf('pipe r w', 'close r', 'instance a', 'watch w in a OUT', 'write w 3 while a').at(-1)).toBe(
      'fails: EPIPE',
    );
  });
});

describe('the calls fit the kind of file', () => {
  test.each([
    ['py', 'socketpair a b', 'write a 4', 'a.send(bytes(4))'],
    ['py', 'socketpair a b', 'read a 4', 'with suppress(OSError): a.recv(4)'],
    ['py', 'socketpair a b', 'close a', 'a.close()'],
    ['py', 'socketpair a b', 'dup a copy', 'copy = a.dup()'],
    ['py', 'pipe a b', 'close a', 'os.close(a)'],
    ['ts', 'timer t', 'read t all', 't.read();'],
    ['ts', 'eventfd e', 'dup e copy', 'const copy = EventFd.adopt(dup(e.fd));'],
    ['ts', 'pipe r w', 'dup r copy', 'const copy = PipeReader.adopt(dup(r.fd));'],
    ['ts', 'pipe r w', 'dup w copy', 'const copy = PipeWriter.adopt(dup(w.fd));'],
    ['ts', 'socketpair a b', 'dup b copy', 'const copy = UnixStream.adopt(dup(b.fd));'],
    ['ts', 'trigger t', 'dup t copy', 'const copy = PressureTrigger.adopt(dup(t.fd));'],
    ['c', 'timer t', 'read t all', 'read(t, &count, 8);'],
  ] as const)('%s: after “%s”, “%s” is %s', (language, open, step, line) => {
    expect(lastLineOf(language, open, step)).toBe(line);
  });

  test.each(['c', 'py'] as const)('a socket pair does not block in %s', (language) => {
    expect(lastLineOf(language, 'socketpair a b')).toContain('SOCK_NONBLOCK');
  });
});

describe('the calls of a subscription that epoll does not have', () => {
  const paused = ['eventfd e', 'watch e IN', 'pause e'];
  const none = 'no call: epoll does not have it';

  test.each([
    ['modify e IN EDGE_TRIGGERED', paused],
    ['rearm e', paused],
    ['unwatch e', paused],
    ['pause e', [...paused, 'unwatch e']],
  ])('“%s” after %j is a comment in C and Python', (last, steps) => {
    expect(lastLineOf('c', ...steps, last)).toBe(`// ${none}`);
    expect(lastLineOf('py', ...steps, last)).toBe(`# ${none}`);
  });

  test('a resume adds it with the events that it has by then', () => {
    expect(lastLineOf('c', ...paused, 'modify e IN EDGE_TRIGGERED', 'resume e')).toBe(
      'epoll_ctl(epoll, EPOLL_CTL_ADD, e, &(struct epoll_event){ EPOLLIN | EPOLLET, { .fd = e } });',
    );
  });
});

test.each([
  ['ts', ['let eRegistration = manager.add(', 'eRegistration.delete();', 'eRegistration = manager.add(']],
  ['c', ['int r = ends[0];\n  int w = ends[1];', 'close(r);', 'r = eventfd(']],
] as const)('a name that is used again is declared once in %s', (language, starts) => {
  const texts = {
    ts: ['eventfd e', 'watch e IN', 'unwatch e', 'watch e IN'],
    c: ['pipe r w', 'close r', 'eventfd r'],
  }[language];
  const steps = texts.map(parseStep);
  const { steps: lines } = programOf(steps, run(steps, new FakeWorld()), language);
  expect(lines.slice(-3).map((line, index) => line.includes(starts[index] as string) && line)).toEqual(lines.slice(-3));
  expect(lines.at(-1)).not.toMatch(/let|int r/);
});

test('an address with too many steps is refused', () => {
  const stepsOf = (count: number): string => `steps=${Array.from({ length: count }, () => 'wait').join(';')}`;
  expect(parseAddress(stepsOf(200)).steps).toHaveLength(200);
  expect(() => parseAddress(stepsOf(10_000))).toThrow('There are 10000 steps. At most 200 are possible');
});
