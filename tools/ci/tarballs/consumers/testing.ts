// @em/testing: a program with a manager, without a kernel.

import { createRequire } from 'node:module';
import { EventManager, EventSet } from '@em/core';
import { FakePoller } from '@em/testing';
import * as contract from '@em/testing/contract';

const poller = new FakePoller();
const manager = new EventManager({ poller });
const { reader, writer } = poller.pipe();
manager.add(reader, EventSet.IN, (events) => console.log(`reader: ${EventSet.format(events)}`));
writer.write(Uint8Array.of(1));
manager.wait();

const required = createRequire(import.meta.url)('@em/testing') as typeof import('@em/testing');
console.log('require:', required.FakePoller === FakePoller, Object.keys(contract).length > 0);
