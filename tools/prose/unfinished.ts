/** Folders and files whose English is not plain yet, and how many findings they have at most. All others have none. */
export const unfinished: Readonly<Record<string, number>> = {
  'apps/echo-server/README.md': 2,
  'apps/echo-server/docs': 8,
  'apps/echo-server/src': 63,
  'apps/echo-server/stress': 39,
  'apps/echo-server/test': 46,
  docs: 173,
  'packages/bench/src': 1,
  'packages/core/README.md': 1,
  'packages/core/src': 47,
  'packages/core/test': 34,
  'packages/sys/native': 20,
  'packages/sys/src': 33,
  'packages/sys/test': 80,
};
