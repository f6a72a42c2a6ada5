import type { Attachment } from '../src/poller.js';
import { ListPoller } from './list-poller.js';

/** A poller whose host loop is the test, which calls `turn()`. */
export class HostedPoller extends ListPoller {
  hasRef = false;
  turn: (() => void) | undefined;
  /** Whether the host has to call `turn` although no fd is ready. */
  isWoken = false;

  override wake(): void {
    super.wake();
    this.isWoken = true;
  }

  attach(onReady: () => void): Attachment {
    this.turn = onReady;
    this.hasRef = true;
    return {
      ref: () => {
        this.hasRef = true;
      },
      unref: () => {
        this.hasRef = false;
      },
      detach: () => {
        this.turn = undefined;
        this.hasRef = false;
      },
    };
  }
}
