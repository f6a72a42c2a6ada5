// The rules of the layers. `docs/architecture.md` gives the reasons.
//
//   apps/*/src/{main,worker}.ts ──► @em/core, @em/sys
//   apps/*/src ──────────► @em/core, types of @em/sys
//   apps/*/stress/clients/main.ts ──► @em/core, @em/sys
//   @em/devices ─────────► @em/sys, @em/core
//   @em/streams ─────────► @em/core
//   @em/testing ─────────► @em/core
//   @em/sys ─────────────► @em/core
//   @em/core ────────────► nothing
//
// A package of this repository is a path in its folder if it was built, and its bare name if not. The patterns below
// match both. turbo refuses packages that depend on each other in a circle, development dependencies included.

/**
 * Matches an import of one of these packages, in either form.
 *
 * @param {...string} names
 */
const packages = (...names) => `^(packages|@em)/(${names.join('|')})(/|$)`;

/** Matches an import of anything in this repository. */
const anyOfOurs = '^(packages|apps|@em)/';

export default /** @satisfies {import('dependency-cruiser').IConfiguration} */ ({
  forbidden: [
    {
      name: 'core-imports-nothing',
      comment:
        '@em/core runs anywhere, browsers included. Declare an interface in core (as poller.ts does), implement it in ' +
        '@em/sys or @em/testing, and let the caller pass it.',
      severity: 'error',
      from: { path: '^packages/core/src/' },
      to: { pathNot: '^packages/core/src/' },
    },
    {
      name: 'core-checks-know-only-options',
      comment:
        'Checks of arguments know what users pass in, and not whom they check it for. Sink a type that they need.',
      severity: 'error',
      from: { path: '^packages/core/src/arguments\\.ts$' },
      to: { pathNot: '^packages/core/src/(check|event-set|fd-object|options|poller)\\.ts$' },
    },
    {
      name: 'core-tests-stand-alone',
      comment:
        'The tests of core use core alone. Write a poller in the test. If the test holds for every poller, move it to the ' +
        'contract suite, packages/testing/src/contract.',
      severity: 'error',
      from: { path: '^packages/core/(?!src/)' },
      to: { path: anyOfOurs, pathNot: packages('core') },
    },
    {
      name: 'sys-imports-core-only',
      comment:
        'Move code that both need to @em/core, or pass it. Import fakes and the contract suite only from sys/test.',
      severity: 'error',
      from: { path: '^packages/sys/(?!test/)' },
      to: { path: anyOfOurs, pathNot: packages('core', 'sys') },
    },
    {
      name: 'sys-tests-import-core-and-testing-only',
      comment: 'Test an app in its own folder. To test sys, use @em/testing and @em/core.',
      severity: 'error',
      from: { path: '^packages/sys/test/' },
      to: { path: anyOfOurs, pathNot: packages('core', 'sys', 'testing') },
    },
    {
      name: 'devices-imports-sys-and-core-only',
      comment:
        'Devices are fd objects on ioctl() of @em/sys. Let users combine them with streams, and use @em/streams and ' +
        '@em/testing only in packages/devices/test.',
      severity: 'error',
      from: { path: '^packages/devices/(?!test/)' },
      to: { path: anyOfOurs, pathNot: packages('core', 'sys', 'devices') },
    },
    {
      name: 'devices-stand-alone',
      comment: 'The entry of a device loads no other device. Move code that several need to device, struct or termios.',
      severity: 'error',
      from: {
        path: '^packages/devices/src/(\\w+)(/|\\.ts$)',
        pathNot: '^packages/devices/src/(device|host|struct|termios)/',
      },
      to: {
        path: '^packages/devices/src/',
        pathNot: '^packages/devices/src/($1|device|host|struct|termios)(/|\\.ts$)',
      },
    },
    {
      name: 'streams-imports-core-only',
      comment:
        'Streams work on every poller. Take what you need of a kernel as a method of the fd object; use @em/sys and ' +
        '@em/testing in packages/streams/test.',
      severity: 'error',
      from: { path: '^packages/streams/(?!test/)' },
      to: { path: anyOfOurs, pathNot: packages('core', 'streams') },
    },
    {
      name: 'testing-imports-core-only',
      comment:
        'The fake and the contract suite use no real poller. Pass what the suite needs, and run it against @em/sys in ' +
        'packages/sys/test.',
      severity: 'error',
      from: { path: '^packages/testing/' },
      to: { path: anyOfOurs, pathNot: packages('core', 'testing') },
    },
    {
      name: 'testing-runs-anywhere',
      comment:
        'The fake also runs in browsers, so it must not import modules of Node. Only the contract suite may import assert.',
      severity: 'error',
      from: { path: '^packages/testing/src/', pathNot: '^packages/testing/src/contract/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'contract-imports-assert-only',
      comment:
        'The contract suite works with every test runner. It may import only node:assert/strict from Node. Pass what else ' +
        'it needs.',
      severity: 'error',
      from: { path: '^packages/testing/src/contract/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?assert/strict$' },
    },
    {
      name: 'only-tests-import-testing',
      comment: 'Move the code to a test folder, or pass the fake as an argument.',
      severity: 'error',
      from: {
        pathNot: [
          '^packages/testing/',
          '^packages/bench/programs/',
          // It shows the fake kernel.
          '^apps/site/simulator/',
          '^(packages|apps)/[^/]+/test/',
          '^tools/ci/tarballs/consumers/',
        ],
      },
      to: { path: packages('testing') },
    },
    {
      name: 'only-main-imports-sys',
      comment:
        'Only main.ts and worker.ts, the entries of threads, import values of @em/sys. Elsewhere, import its types, name the ' +
        'members that you use with Pick, and pass the objects as arguments, so that you can test the file without a kernel.',
      severity: 'error',
      from: {
        path: '^apps/[^/]+/(src|stress)/',
        pathNot: '^apps/[^/]+/(src|stress|stress/clients)/(main|worker)\\.ts$',
      },
      // Before a build, an import of another package is unknown, and nothing says whether it is one of a type only.
      to: { path: packages('sys'), dependencyTypesNot: ['type-only', 'unknown'] },
    },
    {
      name: 'import-packages-by-name',
      comment: "Import '@em/…', not a path into another package. Only its exports are public.",
      severity: 'error',
      from: { path: '^((packages|apps)/[^/]+)/' },
      to: { path: '^(packages|apps)/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-circular-imports',
      comment: 'Move code that both files need to a third file, or let one pass it to the other. Types count, too.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-undeclared-packages',
      comment:
        'Declare it in the package.json next to the file, with its version in the catalog of pnpm-workspace.yaml.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolvable-imports',
      comment: 'This file or package does not exist. Correct the path, or declare the package and install it.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: packages('core', 'devices', 'streams', 'sys', 'testing') },
    },
    {
      name: 'src-imports-no-dev-dependency',
      comment: 'Users do not get devDependencies. Declare the package under dependencies, or do not import it.',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/' },
      // The build of the echo server contains these two.
      to: { dependencyTypes: ['npm-dev'], pathNot: '/node_modules/(@logtape/logtape|commander)/' },
    },
  ],
  options: {
    // What is erased by the compiler, `import type` above all, is a dependency as well.
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    exclude: { path: '^(packages|apps)/[^/]+/build/' },
    doNotFollow: { path: ['(^|/)node_modules/', '^(packages|apps)/[^/]+/(dist|coverage)/'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
});
