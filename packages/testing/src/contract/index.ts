export { type ContractOptions, contract, type DescribeFunction, type TestFunction } from './contract.js';
export type { Capability, ConsumedSource, HangUpSource, Harness, RefusedSource, Source } from './harness.js';
