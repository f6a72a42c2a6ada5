// Loaded beside a server, by --import with --expose-gc: collects garbage whenever a line comes in, and says so.

process.stdin.on('data', () => {
  globalThis.gc?.();
  console.log(JSON.stringify({ collected: globalThis.gc !== undefined }));
});
process.stdin.once('end', () => process.exit());
