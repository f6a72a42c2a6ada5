// Prints when a button is pressed and released. This program also presses the button, on a simulated chip.

import { writeFileSync } from 'node:fs';
import { GpioChip, listGpioChips } from '@em/devices/gpio';
import { EventManager, EventSet } from '@em/sys';

const info = listGpioChips().find(({ label }) => label === 'panel');
if (info === undefined) {
  throw new Error('There is no GPIO chip with the label "panel"');
}
using manager = new EventManager();
using chip = GpioChip.open(info.path);
using button = chip.requestLines(['BUTTON'], {
  direction: 'input',
  edges: 'both',
  // The button connects the line to ground. The resistor keeps the line high while it is not pressed.
  activeLow: true,
  bias: 'pull-up',
  // The contact bounces: a level counts once it has been stable for 5 ms.
  debounceMicroseconds: 5_000,
});

const PULL = `/sys/bus/gpio/devices/${info.name}/sim_gpio${button.offsets[0]}/pull`;

/** Presses or releases the button of the simulated chip. */
function move(pressed: boolean): void {
  writeFileSync(PULL, pressed ? 'pull-down' : 'pull-up');
}

manager.add(button, EventSet.IN, () => {
  for (const { edge } of button.read() ?? []) {
    if (edge === 'rising') {
      console.log('pressed');
      move(false);
    } else {
      console.log('released');
      manager.stop();
    }
  }
});

move(true);
await manager.run();
