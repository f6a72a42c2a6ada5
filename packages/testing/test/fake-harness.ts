import type { FakePoller } from '@em/testing';
import type { Harness } from '@em/testing/contract';

const ONE_BYTE = Uint8Array.of(1);

/** The harness of the contract suite for a fake: eventfds, and pipes for `HANG_UP`. */
export function fakeHarness<P extends FakePoller>(createPoller: () => P): Harness<P> {
  return {
    createPoller,
    createFd: (poller) => counterFd(poller.eventfd()),
    createHangUpFd: (poller) => {
      const { reader, writer } = poller.pipe();
      return {
        fd: reader.fd,
        makeReady: () => void writer.write(ONE_BYTE),
        clear: () => void reader.read(new Uint8Array(4096)),
        hangUp: () => writer.close(),
        close: () => {
          reader.close();
          writer.close();
        },
      };
    },
    createConsumingFd: (poller) => poller.trigger(),
    createRefusedFd: (poller) => poller.file(),
    dup: (testFd) => (testFd as CounterFd).dup(),
    letPass: (ms, poller) => poller.advance(ms),
    interruptNextWait: (poller) => poller.interruptNext(),
  };
}

type CounterFd = ReturnType<typeof counterFd>;

function counterFd(eventFd: ReturnType<FakePoller['eventfd']>) {
  return {
    fd: eventFd.fd,
    makeReady: () => void eventFd.write(1n),
    clear: () => void eventFd.read(),
    close: () => eventFd.close(),
    dup: () => counterFd(eventFd.dup()),
  };
}
