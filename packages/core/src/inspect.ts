type Inspect = (value: unknown, options: unknown) => string;

/** Sets how the logs of Node, Deno and Bun show the instances of a class. */
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
