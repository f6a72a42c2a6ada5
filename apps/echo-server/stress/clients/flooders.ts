import { type EventManager, EventSet } from '@em/core';
import type { FloodPlan } from '../plan.ts';
import type { SenderSocket } from './senders.ts';

/** What {@link Flooders} work with. */
export interface FloodContext {
  readonly manager: EventManager;
  readonly dial: () => SenderSocket & { close(): void };
  readonly onMilestone: (milestone: 'ready' | 'done') => void;
}

/** The number of datagrams that a source sends per event. */
const BURST = 64;

/** Sources that send datagrams as fast as they can, and never read an answer. */
export class Flooders {
  readonly #context: FloodContext;
  readonly #plan: FloodPlan;
  readonly #sockets: ReturnType<FloodContext['dial']>[] = [];

  constructor(context: FloodContext, plan: FloodPlan) {
    this.#context = context;
    this.#plan = plan;
  }

  start(): void {
    const { manager, dial, onMilestone } = this.#context;
    const { sources, sizes } = this.#plan;
    const bytes = Buffer.alloc(Math.max(...sizes));
    for (let i = 0; i < sources; i++) {
      const socket = dial();
      this.#sockets.push(socket);
      manager.add(socket, EventSet.OUT, () => {
        for (let sent = 0; sent < BURST; sent++) {
          socket.send(bytes, 0, sizes[sent % sizes.length] ?? 0);
        }
      });
    }
    onMilestone('ready');
  }

  release(): void {
    for (const socket of this.#sockets) {
      socket.close();
    }
    this.#context.onMilestone('done');
  }
}
