// Prints when a button is pressed and released. argv: the number of its GPIO line, for onoff.

import { Gpio } from 'onoff';

const button = new Gpio(Number(process.argv[2]), 'in', 'both');
let changes = 0;
let last = -1;
button.watch((_error, value) => {
  // The kernel can report one change twice.
  if (value === last) {
    return;
  }
  last = value;
  console.log(value === 1 ? 'pressed' : 'released');
  changes++;
  if (changes === 4) {
    button.unexport();
  }
});
console.log('watching');
