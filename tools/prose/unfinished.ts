/** Folders and files whose English is not plain yet, and how many findings they have at most. All others have none. */
export const unfinished: Readonly<Record<string, number>> = {
  docs: 32,
};
