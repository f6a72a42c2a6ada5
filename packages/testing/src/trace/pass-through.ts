/**
 * Gives `to` every member of `from` that `to` lacks, those of its classes included. They act on `from`, so that private
 * fields work.
 */
export function passThrough(from: object, to: object): void {
  for (let source = from; source !== Object.prototype && source !== null; source = Object.getPrototypeOf(source)) {
    for (const name of Reflect.ownKeys(source)) {
      if (!(name in to)) {
        Object.defineProperty(to, name, memberOf(from, name));
      }
    }
  }
}

function memberOf(from: object, name: string | symbol): PropertyDescriptor {
  const isMethod = isMethodOf(from, name);
  if (isMethod) {
    const method = Reflect.get(from, name) as (...args: unknown[]) => unknown;
    return { value: method.bind(from), configurable: true, writable: true };
  }
  return {
    get: () => Reflect.get(from, name),
    set: (value) => Reflect.set(from, name, value),
    configurable: true,
  };
}

/** Does not call getters: one may open a file, or throw. */
function isMethodOf(from: object, name: string | symbol): boolean {
  for (let source = from; source !== null; source = Object.getPrototypeOf(source)) {
    const descriptor = Object.getOwnPropertyDescriptor(source, name);
    if (descriptor !== undefined) {
      return typeof descriptor.value === 'function';
    }
  }
  return false;
}
