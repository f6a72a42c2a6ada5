// Prints the credentials of this process, as the receiver of a message of its own and as the peer of a socket sees them.

import { UnixStream } from '@em/sys';

const [one, other] = UnixStream.pair();
other.setCredentials(true);
one.write(Buffer.from('who?'));
const { credentials } = other.receiveFds(Buffer.alloc(4));
console.log(
  JSON.stringify([credentials, other.peerCredentials].map(({ pid, uid, gid }) => [pid === process.pid, uid, gid])),
);
one.close();
other.close();
