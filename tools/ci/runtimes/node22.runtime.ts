import { testOn } from './test-on.ts';

await testOn('node22');
