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
  // ncc copies the addon only from a file without private methods, so what loads it has a file of its own.
  esbuildPlugins: [
    {
      name: 'load-addon',
      setup(build: PluginBuild): void {
        build.onResolve({ filter: /\/load-addon\.js$/ }, () => ({ path: './load-addon.js', external: true }));
      },
    },
  ],
};

/** The part of an esbuild plugin that is used here. */
interface PluginBuild {
  onResolve(
    options: { readonly filter: RegExp },
    callback: () => { readonly path: string; readonly external: boolean },
  ): void;
}
