/** What adds 1 to an eventfd. */
export const ONE: ArrayBuffer = new BigUint64Array([1n]).buffer;
