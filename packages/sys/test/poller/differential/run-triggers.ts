// argv: the number of programs, and the seed. Runs programs with a trigger, and prints what the search has found, as JSON.
import { programWithTrigger } from './arbitraries.js';
import { search } from './search.js';

const [programs, seed] = process.argv.slice(2).map(Number) as [number, number];
// A write to the name of any host, in any namespace, fires the triggers of a program too.
const ATTEMPTS = 3;
console.log(JSON.stringify(search(programWithTrigger, seed, programs, ATTEMPTS)));
