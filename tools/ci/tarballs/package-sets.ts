/** Packages that a user installs together, and a program in `consumers` that uses them. */
export interface PackageSet {
  readonly name: string;
  readonly packages: readonly string[];
  readonly consumer: 'core' | 'devices' | 'streams' | 'sys' | 'testing';
  /** The output of the consumer. */
  readonly output: string;
}

export const PACKAGE_SETS: readonly PackageSet[] = [
  { name: 'core', packages: ['@em/core'], consumer: 'core', output: 'fd 7: IN\nrequire: true\n' },
  {
    name: 'core+testing',
    packages: ['@em/core', '@em/testing'],
    consumer: 'testing',
    output: 'reader: IN\nrequire: true true\n',
  },
  {
    name: 'core+sys',
    packages: ['@em/core', '@em/sys'],
    consumer: 'sys',
    output: 'supported: true\nIN: 3\nrequire: true\n',
  },
  {
    name: 'core+sys+streams',
    packages: ['@em/core', '@em/sys', '@em/streams'],
    consumer: 'streams',
    output: 'read: hello\nrequire: true\n',
  },
  {
    name: 'core+sys+devices',
    packages: ['@em/core', '@em/sys', '@em/devices'],
    consumer: 'devices',
    output: 'size: 132 x 50\nsettings: 19\nrequire: true\nfd objects: true\n',
  },
];

/** The packages that the command of the echo server needs. */
export const ECHO_SERVER: readonly string[] = ['@em/core', '@em/sys', '@em/echo-server'];

export function choose<T>(from: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
}
