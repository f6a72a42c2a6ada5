import { EventSet } from '@em/core';
import type { Scene, Watched } from './scene.js';

const MODES = EventSet.WAKE_UP | EventSet.ONE_SHOT | EventSet.EDGE_TRIGGERED | EventSet.EXCLUSIVE;

/**
 * Waits until everything ready has been delivered. Then compares the events of each registration with those of a new
 * one that has the same interest in the same file. This comes last, because an event may be late without being lost.
 */
export function settle(scene: Scene): void {
  const { manager, laws, watched, heard } = scene;
  scene.note(`in the end: ${scene.state()}`);
  if (manager.closed) {
    return;
  }
  const pairs = watched.filter(isToBeServed).map((old) => [old, duplicate(scene, old)] as const);
  const from = heard.length;
  // Each may come after all others, after as many events of closed files, and after a wake.
  for (let i = 0; i < 2 * watched.length + 4; i++) {
    manager.wait(0);
  }
  laws.quiet();
  const served = heard.slice(from);
  const heardBy = (listener: Watched): EventSet =>
    served.reduce<EventSet>(
      (all, { by, events }) => (by === listener ? EventSet.union(all, events) : all),
      EventSet.EMPTY,
    );
  for (const [old, fresh] of pairs) {
    laws.settled(old, heardBy(old), heardBy(fresh));
  }
  scene.note(`then: ${served.map(({ by, events }) => `${by.name} ${EventSet.format(events)}`).join(', ')}`);
  scene.note(scene.state());
}

/** Whether a registration must report the events of its file. That of a trigger may have been consumed. */
function isToBeServed({ file, registration, armed }: Watched): boolean {
  const { active, paused, events } = registration;
  const isLevelTriggered = !EventSet.has(events, EventSet.EDGE_TRIGGERED);
  return active && !paused && armed && isLevelTriggered && file.isOpen && file.kind !== 'trigger';
}

function duplicate(scene: Scene, { file, registration }: Watched): Watched {
  let fd = file.fd.dup();
  // A number that was closed without delete() is still registered.
  while (scene.manager.has(fd.fd)) {
    fd = file.fd.dup();
  }
  return scene.watch({ ...file, fd }, EventSet.difference(registration.events, MODES), () => undefined);
}
