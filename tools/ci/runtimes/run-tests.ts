// A test runner that prints TAP. It needs only a runtime. The test runners of Bun and Deno, and so their `node:test`,
// run only under commands of their own.

type Body = () => unknown;

interface Test {
  readonly name: string;
  readonly run: Body | undefined;
}

const tests: Test[] = [];
let groups: readonly string[] = [];

export function describe(name: string, body: () => void): void {
  const outer = groups;
  groups = [...groups, name];
  body();
  groups = outer;
}

export const test = Object.assign((name: string, run: Body) => add(name, run), {
  skip: (name: string) => add(name, undefined),
});

/** Defines a test. If there is a reason to skip it, its title says so. */
export function testUnless(reason: string | false, name: string, run: Body): void {
  if (reason === false) {
    test(name, run);
  } else {
    add(`${name} (${reason})`, undefined);
  }
}

function add(name: string, run: Body | undefined): void {
  tests.push({ name: [...groups, name].join(' > '), run });
}

/** Runs the tests in order. It prints their number first, so that the reader notices a process that ends early. */
export async function runTests(): Promise<void> {
  console.log(`1..${tests.length}`);
  for (const [index, { name, run }] of tests.entries()) {
    const line = `${index + 1} - ${name}`;
    if (run === undefined) {
      console.log(`ok ${line} # SKIP`);
      continue;
    }
    try {
      await Promise.resolve().then(run);
      console.log(`ok ${line}`);
    } catch (error) {
      console.log(`not ok ${line}`);
      console.error(error);
    }
  }
}
