import { EventSet } from '@em/core';
import type { Frame } from './program.ts';
import { formatStep, type Step } from './step.ts';

/**
 * What a loop of waits does next: a wait in an instance that has something to report. If none has, time passes until the
 * next timer fires. `undefined` if the loop would sleep without end.
 *
 * @param steps - The steps so far. The instances take turns.
 */
export function nextStep({ instances, subscriptions, files }: Frame, steps: readonly Step[]): string | undefined {
  const names = instances.map(({ name }) => name);
  const last = steps.findLast((step) => step.do === 'wait');
  const turn = last === undefined ? 0 : names.indexOf(last.instance) + 1;
  const next = [...names.slice(turn), ...names.slice(0, turn)].find((name) =>
    subscriptions.some(
      ({ instance, pending, isQueued }) => instance === name && pending !== EventSet.EMPTY && isQueued,
    ),
  );
  if (next !== undefined) {
    return formatStep({ do: 'wait', instance: next });
  }
  const times = files.flatMap(({ dueInMs }) => dueInMs ?? []);
  return times.length === 0 ? undefined : formatStep({ do: 'pass', ms: Math.ceil(Math.min(...times)) });
}
