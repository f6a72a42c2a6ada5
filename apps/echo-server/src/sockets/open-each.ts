/** How one of several sockets on the same port is bound. */
export interface Sharing {
  readonly port: number;
  readonly reusePort: boolean;
}

/** A socket on an IP port. */
interface PortSocket {
  close(): void;
}

/**
 * Opens a socket for each worker, all on the same port: one that shares it with nobody if there is but one worker.
 *
 * @param port - 0 for any free one, which is then that of all.
 * @param portOf - Which port a socket really has.
 * @throws What `open` throws; nothing is left open.
 */
export function openEach<S extends PortSocket>(
  workers: number,
  port: number,
  open: (sharing: Sharing) => S,
  portOf: (socket: S) => number,
): readonly [S, ...S[]] {
  if (workers === 1) {
    return [open({ port, reusePort: false })];
  }
  if (port !== 0) {
    // Another server of this user that shares the port would share it with this one as well: find out.
    open({ port, reusePort: false }).close();
  }
  const first = open({ port, reusePort: true });
  const sockets: [S, ...S[]] = [first];
  try {
    while (sockets.length < workers) {
      sockets.push(open({ port: portOf(first), reusePort: true }));
    }
  } catch (error) {
    for (const socket of sockets) {
      socket.close();
    }
    throw error;
  }
  return sockets;
}
