export {
  type AbsoluteAxis,
  type InputCapabilities,
  InputDevice,
  type InputEvent,
  type InputFrame,
  type InputId,
} from './input/input-device.js';
export { InputEventType } from './input/input-event-type.js';
export { type InputDeviceInfo, listInputDevices } from './input/list.js';
export { type VirtualAxis, VirtualInput, type VirtualInputOptions } from './input/virtual-input.js';
