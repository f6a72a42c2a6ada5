// Waits for messages on a socket of ZeroMQ, a C library. koffi calls its functions.

import { EventManager, EventSet } from '@em/sys';
import { load } from 'koffi';

const zmq = load('libzmq.so.5');
const newContext = zmq.func('void *zmq_ctx_new()');
const endContext = zmq.func('int zmq_ctx_term(void *context)');
const openSocket = zmq.func('void *zmq_socket(void *context, int type)');
const closeSocket = zmq.func('int zmq_close(void *socket)');
const bind = zmq.func('int zmq_bind(void *socket, const char *address)');
const connect = zmq.func('int zmq_connect(void *socket, const char *address)');
const send = zmq.func('int zmq_send(void *socket, const char *message, size_t length, int flags)');
const receive = zmq.func('int zmq_recv(void *socket, uint8_t *buffer, size_t length, int flags)');
const getOption = zmq.func('int zmq_getsockopt(void *socket, int option, _Out_ int *value, _Inout_ size_t *length)');
// From <zmq.h>.
const ZMQ_PULL = 7;
const ZMQ_PUSH = 8;
const ZMQ_FD = 14;
const ZMQ_EVENTS = 15;
const ZMQ_POLLIN = 1;

const context: unknown = newContext();
const inbox: unknown = openSocket(context, ZMQ_PULL);
bind(inbox, 'inproc://inbox');
const outbox: unknown = openSocket(context, ZMQ_PUSH);
connect(outbox, 'inproc://inbox');

function option(socket: unknown, name: number): number {
  const value = [0];
  getOption(socket, name, value, [4]);
  return value[0] ?? 0;
}

using manager = new EventManager();
const buffer = Buffer.alloc(256);

// The number, not an fd object, which would close it. It reports that something has changed, and not what.
const registration = manager.add(option(inbox, ZMQ_FD), EventSet.IN | EventSet.EDGE_TRIGGERED, drain);

/** Takes all messages: the fd reports nothing before there is another. */
function drain(): void {
  while ((option(inbox, ZMQ_EVENTS) & ZMQ_POLLIN) !== 0) {
    const length: number = receive(inbox, buffer, buffer.length, 0);
    const message = buffer.toString('utf8', 0, length);
    console.log(message);
    if (message === 'last') {
      manager.stop();
    }
  }
}
drain(); // what came before the fd was added

for (const message of ['first', 'second', 'last']) {
  send(outbox, message, message.length, 0);
}
await manager.run();

// In this order: after the library has closed its fd, the number may be that of another file.
registration.delete();
closeSocket(inbox);
closeSocket(outbox);
endContext(context);
