import { EventSet } from '@em/core';
import type { Frame, SubscriptionView } from '../model/program.ts';
import { html } from './dom.ts';

/** What a cell shows, and how it is read out. */
const MARKS = {
  report: ['●', 'reported'],
  ready: ['○', 'ready'],
  missed: ['×', 'not reported'],
  none: ['', ''],
} as const;

/** A row for each subscription, a column for each step. Those that are still to come are empty. */
export function drawTimeLine(frames: readonly Frame[], at: number): HTMLElement[] {
  const names = [...new Set(frames.flatMap(({ subscriptions }) => subscriptions.map(({ name }) => name)))];
  if (names.length === 0) {
    return [];
  }
  const head = frames.slice(1).map((_, index) => html('th', { scope: 'col' }, String(index + 1)));
  const rows = names.map((name) =>
    html(
      'tr',
      {},
      html('th', { scope: 'row' }, name),
      ...frames.slice(1).map((frame, index) => {
        const mark = index < at ? markOf(name, frame) : 'none';
        const [sign, text] = MARKS[mark];
        const label =
          text === '' ? [] : [html('span', { 'aria-hidden': 'true' }, sign), html('span', { class: 'hidden' }, text)];
        return html('td', { class: index + 1 === at ? `${mark} now` : mark }, ...label);
      }),
    ),
  );
  return [html('thead', {}, html('tr', {}, html('td', {}), ...head)), html('tbody', {}, ...rows)];
}

function markOf(name: string, { reports, subscriptions }: Frame): keyof typeof MARKS {
  if (reports.some(({ subscription }) => subscription === name)) {
    return 'report';
  }
  const subscription = subscriptions.find((other) => other.name === name);
  if (subscription === undefined || !isTrue(subscription)) {
    return 'none';
  }
  return subscription.isQueued ? 'ready' : 'missed';
}

function isTrue({ state, pending }: SubscriptionView): boolean {
  return state === 'active' && pending !== EventSet.EMPTY;
}
