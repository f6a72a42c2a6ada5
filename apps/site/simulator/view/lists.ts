import { EventSet } from '@em/core';
import type { Frame, InstanceView, SubscriptionView } from '../model/program.ts';
import { button, html } from './dom.ts';
import type { Add } from './files.ts';

const NARROW_NO_BREAK = '\u202f';

/** The interest list, the ready list and the wait of each instance. */
export function drawInstances({ instances, subscriptions }: Frame, add: Add): HTMLElement[] {
  if (instances.length === 0) {
    return [html('p', { class: 'quiet' }, 'No epoll instance is there yet.')];
  }
  return instances.map((instance) => {
    const own = subscriptions.filter((subscription) => subscription.instance === instance.name);
    const step = instance.name === 'epoll' ? 'wait' : `wait ${instance.name}`;
    return html(
      'div',
      { class: 'instance' },
      html(
        'h3',
        {},
        instance.isPlain ? `${instance.name}, plain` : instance.name,
        ' ',
        button('wait', step, () => add(step)),
      ),
      html('p', { class: 'label' }, 'interest list'),
      html('ul', { class: 'interests' }, ...own.map((subscription) => drawInterest(subscription, add))),
      html('p', { class: 'label' }, `ready list${room(instance)}`),
      drawQueue(instance),
    );
  });
}

function room({ capacity }: InstanceView): string {
  return capacity === 1 ? ', a wait takes one' : '';
}

function drawInterest(subscription: SubscriptionView, add: Add): HTMLElement {
  const { name, events, state, pending, isQueued, reports } = subscription;
  const isMissed = state === 'active' && pending !== EventSet.EMPTY && !isQueued;
  const chips = (EventSet.toNames(events).length === 0 ? ['EMPTY'] : EventSet.toNames(events)).map((event) =>
    html('span', { class: EventSet.toNames(pending).includes(event as never) ? 'bit on' : 'bit' }, event),
  );
  return html(
    'li',
    { class: `${state}${isMissed ? ' missed' : ''}`, 'data-row': name },
    html('strong', {}, name),
    html('span', { class: 'bits' }, ...chips),
    html(
      'span',
      { class: 'state' },
      `${stateText(subscription, isMissed)}, called ${reports.length}${NARROW_NO_BREAK}×`,
    ),
    html('span', { class: 'actions' }, ...actionsOf(subscription, add)),
  );
}

function stateText({ state, events, isReachable }: SubscriptionView, isMissed: boolean): string {
  if (isMissed) {
    return EventSet.has(events, EventSet.EDGE_TRIGGERED) ? 'waits for an edge' : 'was not woken';
  }
  return { active: isReachable ? 'armed' : 'number closed', paused: 'paused', fired: 'disarmed', ended: 'deleted' }[
    state
  ];
}

function actionsOf({ name, state, events }: SubscriptionView, add: Add): HTMLElement[] {
  const verbs = {
    active: ['pause', 'unwatch'],
    paused: ['resume', 'unwatch'],
    fired: ['rearm', 'unwatch'],
    ended: [],
  }[state];
  const more = state === 'active' && EventSet.has(events, EventSet.EDGE_TRIGGERED) ? ['rearm'] : [];
  return [...more, ...verbs].map((verb) => button(verb, `${verb} ${name}`, () => add(`${verb} ${name}`)));
}

function drawQueue({ ready }: InstanceView): HTMLElement {
  const places = ready.map((name) => html('li', {}, name));
  return html('ol', { class: 'queue' }, ...(places.length > 0 ? places : [html('li', { class: 'quiet' }, 'empty')]));
}
