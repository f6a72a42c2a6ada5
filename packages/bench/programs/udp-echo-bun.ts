// An echo server on Bun.udpSocket, run by Bun. An answer that does not fit into the send buffer is lost.

interface BunUdpSocket {
  readonly port: number;
  send(data: Uint8Array, port: number, address: string): boolean;
}

interface BunUdpOptions {
  readonly hostname: string;
  readonly port: number;
  readonly socket: { data(socket: BunUdpSocket, data: Uint8Array, port: number, address: string): void };
}

declare const Bun: { udpSocket(options: BunUdpOptions): Promise<BunUdpSocket> };

const server = await Bun.udpSocket({
  hostname: '127.0.0.1',
  port: 0,
  socket: { data: (socket, data, port, address) => void socket.send(data, port, address) },
});
console.log(`listening on 127.0.0.1:${server.port}`);
