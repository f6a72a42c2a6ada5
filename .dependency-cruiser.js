// The layers, as rules. `docs/architecture.md` says why they are as they are.
//
//   apps/*/src/{main,worker}.ts ──► @em/core, @em/sys
//   apps/*/src ──────────► @em/core
//   apps/*/stress/clients/main.ts ──► @em/core, @em/sys
//   @em/testing ─────────► @em/core
//   @em/sys ─────────────► @em/core
//   @em/core ────────────► nothing
//
// A package of this repository shows up here as a path in its folder where it is built, and as its bare name where it
// is not: the patterns below match both. That packages do not depend on each other in a circle, development
// dependencies included, is what turbo insists on before it runs anything.

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
        '@em/core runs anywhere, browsers included. Declare what it needs as an interface in core (as poller.ts does), ' +
        'implement it in @em/sys or @em/testing, and let the caller hand it in.',
      severity: 'error',
      from: { path: '^packages/core/src/' },
      to: { pathNot: '^packages/core/src/' },
    },
    {
      name: 'core-tests-stand-alone',
      comment:
        "core's tests show what core is without the others. Write the poller the test needs into the test; what is true " +
        'on every poller belongs in the contract suite, packages/testing/src/contract.',
      severity: 'error',
      from: { path: '^packages/core/(?!src/)' },
      to: { path: anyOfOurs, pathNot: packages('core') },
    },
    {
      name: 'sys-imports-core-only',
      comment:
        'Move what both need down into @em/core, or hand it in. Fakes and the contract suite: only from sys/test.',
      severity: 'error',
      from: { path: '^packages/sys/(?!test/)' },
      to: { path: anyOfOurs, pathNot: packages('core', 'sys') },
    },
    {
      name: 'sys-tests-import-core-and-testing-only',
      comment: 'Test an app in its own folder. Here, use @em/testing and @em/core to show what it showed about sys.',
      severity: 'error',
      from: { path: '^packages/sys/test/' },
      to: { path: anyOfOurs, pathNot: packages('core', 'sys', 'testing') },
    },
    {
      name: 'testing-imports-core-only',
      comment:
        'The fake and the contract suite know no real poller. Let the suite be handed what it needs; run it against ' +
        '@em/sys in packages/sys/test.',
      severity: 'error',
      from: { path: '^packages/testing/' },
      to: { path: anyOfOurs, pathNot: packages('core', 'testing') },
    },
    {
      name: 'testing-runs-anywhere',
      comment: 'The fake runs in a browser too: use what the language has. Only the contract suite may assert.',
      severity: 'error',
      from: { path: '^packages/testing/src/', pathNot: '^packages/testing/src/contract/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'contract-imports-assert-only',
      comment:
        'The contract suite works with every test runner, and takes node:assert/strict and nothing else from Node. Have ' +
        'the suite handed what it needs.',
      severity: 'error',
      from: { path: '^packages/testing/src/contract/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?assert/strict$' },
    },
    {
      name: 'only-tests-import-testing',
      comment: 'Move the code into a test folder, or take the fake as an argument.',
      severity: 'error',
      from: { pathNot: ['^packages/testing/', '^(packages|apps)/[^/]+/test/', '^tools/ci/tarballs/consumers/'] },
      to: { path: packages('testing') },
    },
    {
      name: 'only-main-imports-sys',
      comment:
        'Only main.ts, and worker.ts, where another thread begins, put @em/core and @em/sys together. Take what you ' +
        'need of sys as an argument, typed by an interface of your own, so that the file can be tested without a kernel.',
      severity: 'error',
      from: { path: '^apps/[^/]+/(src|stress)/', pathNot: '^apps/[^/]+/(src|stress/clients)/(main|worker)\\.ts$' },
      to: { path: packages('sys') },
    },
    {
      name: 'import-packages-by-name',
      comment: "Import '@em/…', not a path into another package: only its exports are there for others.",
      severity: 'error',
      from: { path: '^((packages|apps)/[^/]+)/' },
      to: { path: '^(packages|apps)/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-circular-imports',
      comment: 'Move what both sides need into a third file, or let one hand it to the other. Types count.',
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
      comment: 'There is no such file, or no such package. Correct the path, or declare the package and install it.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: packages('core', 'sys', 'testing') },
    },
    {
      name: 'src-imports-no-dev-dependency',
      comment:
        'An installed package comes without its devDependencies. Declare it under dependencies, or do without it.',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/' },
      to: { dependencyTypes: ['npm-dev'] },
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
