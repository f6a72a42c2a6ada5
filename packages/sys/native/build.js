// Builds the addon for this machine. The package then loads it instead of the prebuilt one.

import { fail, rebuild } from './gyp.js';

if (process.platform !== 'linux') {
  fail(
    `@em/sys is made of Linux system calls and cannot be built on ${process.platform}. @em/core and @em/testing work on every platform: pnpm --filter @em/core --filter @em/testing test`,
  );
}

rebuild(import.meta.dirname);
