// An echo server on Bun.listen, run by Bun. It keeps the bytes that a peer does not take at once.

interface BunSocket {
  data: Uint8Array | undefined;
  write(data: Uint8Array): number;
}

interface BunListenOptions {
  readonly hostname: string;
  readonly port: number;
  readonly socket: {
    data(socket: BunSocket, data: Uint8Array): void;
    drain(socket: BunSocket): void;
  };
}

declare const Bun: { listen(options: BunListenOptions): { readonly port: number } };

function send(socket: BunSocket, data: Uint8Array): void {
  const written = socket.write(data);
  socket.data = written < data.length ? data.slice(Math.max(0, written)) : undefined;
}

const server = Bun.listen({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    data: (socket, data) => {
      if (socket.data === undefined) {
        send(socket, data);
      } else {
        socket.data = Buffer.concat([socket.data, data]);
      }
    },
    drain: (socket) => {
      if (socket.data !== undefined) {
        send(socket, socket.data);
      }
    },
  },
});
console.log(`listening on 127.0.0.1:${server.port}`);
