// Prints how a mouse moves, and which buttons are pressed. This program also makes the mouse, and moves it.

import { InputDevice, InputEventType, VirtualInput } from '@em/devices/input';
import { EventManager, EventSet } from '@em/sys';

// From <linux/input-event-codes.h>.
const [REL_X, REL_Y] = [0x00, 0x01];
const BTN_LEFT = 0x110;

using manager = new EventManager();
using virtual = VirtualInput.create({ name: 'recipe mouse', keys: [BTN_LEFT], relative: [REL_X, REL_Y] });
using mouse = InputDevice.open(virtual.eventPath ?? '');

manager.add(mouse, EventSet.IN, () => {
  for (let frame = mouse.readFrame(); frame !== undefined; frame = mouse.readFrame()) {
    const changes = frame.events.map(({ type, code, value }) => {
      if (type === InputEventType.REL) {
        return `${code === REL_X ? 'x' : 'y'} by ${value}`;
      }
      return `button ${value === 1 ? 'pressed' : 'released'}`;
    });
    console.log(changes.join(', '));
    if (changes.includes('button released')) {
      manager.stop();
    }
  }
});

virtual.emit(InputEventType.REL, REL_X, 7);
virtual.emit(InputEventType.REL, REL_Y, -3);
virtual.sync();
for (const value of [1, 0]) {
  virtual.emit(InputEventType.KEY, BTN_LEFT, value);
  virtual.sync();
}
await manager.run();
