import { fileURLToPath } from 'node:url';

/** The build of the addon that these tests run on. */
export const addonPath: string =
  process.env['EM_SYS_BINDING'] ?? fileURLToPath(new URL('../../native/build/Release/em_sys.node', import.meta.url));
