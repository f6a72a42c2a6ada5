// How the packages are built. What Node has to find, read and compile at each start is kept small.
export default {
  format: 'esm',
  target: 'node20.19',
  sourcemap: true,
  removeNodeProtocol: false,
  // Names stay, for stack traces, warnings and inspection. Node prints the whole line from which an error is thrown.
  minifyWhitespace: true,
  esbuildOptions(options: { lineLimit?: number }): void {
    options.lineLimit = 120;
  },
  // A package with its own copy has one file less to find. They are small, and need no other copy to be the same.
  noExternal: [/^@em\/core\/(check|fd-owner)$/],
};
