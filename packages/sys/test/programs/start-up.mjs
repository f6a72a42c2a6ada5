// Imports the package, makes a manager, and prints what Node loaded for it: the built-in modules, and the files.

import { registerHooks } from 'node:module';

const files = {};
registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (url.startsWith('file:')) {
      files[url.replace(/.*\/packages\//, '')] = loaded.source.length;
    }
    return loaded;
  },
});
// Node has loaded these for the hooks.
const former = new Set(process.moduleLoadList);
const { EventManager } = await import('@em/sys');
new EventManager().close();
const loaded = process.moduleLoadList.filter((module) => !former.has(module));
const builtins = loaded.filter((module) => module.startsWith('NativeModule ')).map((module) => module.split(' ')[1]);
console.log(JSON.stringify({ builtins, files }));
