#!/usr/bin/env node
import { createEventManager, TcpListener } from '@em/sys';
import { EchoServer } from './echo-server.js';
import { helpText } from './help.js';
import { listen, tcpUrl } from './listen.js';
import { type Options, readCommand } from './options.js';
import { StartError } from './start-error.js';
import { stopSignal } from './stop-signal.js';
import { version } from './version.js';

try {
  const command = readCommand(process.argv.slice(2), process.env);
  if (command.kind === 'serve') {
    await run(command.options);
  } else {
    console.log(command.kind === 'help' ? helpText() : version());
  }
} catch (error) {
  if (!(error instanceof StartError)) {
    throw error;
  }
  log(error.message);
  process.exitCode = error.exitCode;
}

async function run(options: Options): Promise<void> {
  const stop = stopSignal(process);
  const listener = await listen(options, TcpListener.listen);
  using manager = createEventManager();
  const server = new EchoServer(manager, listener, log);
  const { address, port } = listener.address;
  console.log(`listening on ${tcpUrl(address, port)}`);
  await manager.run({ signal: stop });
  server.close();
}

function log(line: string): void {
  console.error(`em-echo-server: ${line}`);
}
