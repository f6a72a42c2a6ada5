import base from '../../tools/tsup.config.ts';

// Each file is complete, with the packages that it uses, so that the server has few files to find when it starts.
export default {
  ...base,
  clean: true,
  splitting: false,
  // It is loaded after the handlers of signals are there.
  external: ['./main.js'],
  noExternal: [...base.noExternal, '@logtape/logtape', 'commander'],
  // commander is CommonJS, and requires only built-in modules.
  banner: { js: 'const require=(name)=>process.getBuiltinModule(name);' },
  esbuildOptions(options: { lineLimit?: number; sourcesContent?: boolean; alias?: Record<string, string> }): void {
    base.esbuildOptions(options);
    // The package contains its sources. Those of the others would be most of it.
    options.sourcesContent = false;
    options.alias = {
      // commander starts the programs of subcommands with it. The server has no subcommand, so anything will do.
      'node:child_process': './src/builtins.ts',
      '#util': './src/builtins.ts',
    };
  },
};
