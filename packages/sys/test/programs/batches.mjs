// Transfers datagrams in batches, and prints how many garbage collections this has caused. argv: the number of datagrams;
// `allocate` to make an object of each.

import { PerformanceObserver } from 'node:perf_hooks';
import { UdpBatch, UdpSocket } from '@em/sys';

const [datagrams, mode] = process.argv.slice(2);
const server = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
const batch = new UdpBatch({ capacity: 64, bytesPerDatagram: 64 });
for (let index = 0; index < batch.capacity; index++) {
  batch.put(index, new Uint8Array(8), server.localAddress);
}
const address = new Uint8Array(16);

function transfer(count) {
  let sum = 0;
  for (let done = 0; done < count; ) {
    server.sendMany(batch, batch.capacity);
    const received = server.receiveMany(batch) ?? 0;
    for (let index = 0; index < received; index++) {
      const bytes = mode === 'allocate' ? batch.bytesAt(index).length : 0;
      sum += bytes + batch.lengthAt(index) + batch.portAt(index) + batch.segmentBytesAt(index);
      sum += batch.copyAddressAt(index, address) + Number(batch.truncatedAt(index));
    }
    done += received;
  }
  return sum;
}

transfer(20_000);
let collections = 0;
const observer = new PerformanceObserver((list) => {
  collections += list.getEntries().length;
});
observer.observe({ entryTypes: ['gc'] });
const sum = transfer(Number(datagrams));
server.close();
// The observer is called in a later turn.
setTimeout(() => console.log(sum > 0 ? collections : Number.NaN), 10);
