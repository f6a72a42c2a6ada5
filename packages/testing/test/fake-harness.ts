import type { FakePoller } from '@em/testing';
import type { Harness } from '@em/testing/contract';

const ONE_BYTE = Uint8Array.of(1);

/** The contract suite's view of a fake: eventfds, and pipes where something has to hang up. */
export function fakeHarness<P extends FakePoller>(createPoller: () => P): Harness<P> {
  return {
    createPoller,
    createSource: (poller) => counterSource(poller.eventfd()),
    createHangUpSource: (poller) => {
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
    createConsumedSource: (poller) => poller.trigger(),
    createRefusedSource: (poller) => poller.file(),
    dup: (source) => (source as CounterSource).dup(),
    interruptNextWait: (poller) => poller.interruptNext(),
    nowMs: (poller) => poller.nowMs,
  };
}

type CounterSource = ReturnType<typeof counterSource>;

function counterSource(eventFd: ReturnType<FakePoller['eventfd']>) {
  return {
    fd: eventFd.fd,
    makeReady: () => void eventFd.write(1n),
    clear: () => void eventFd.read(),
    close: () => eventFd.close(),
    dup: () => counterSource(eventFd.dup()),
  };
}
