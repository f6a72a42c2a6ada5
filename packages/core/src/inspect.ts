type Inspect = (value: unknown, options: unknown) => string;

/** Gives the instances of a class their say in how the logs of Node, Deno and Bun show them. */
export function showAs<I extends object>(
  { prototype }: { readonly prototype: I },
  show: (instance: I, inspect: (value: unknown) => string) => string,
): void {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: I, _depth: number, options: unknown, inspect: Inspect): string {
      return show(this, (value) => inspect(value, options));
    },
  });
}
