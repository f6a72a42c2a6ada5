export {
  type Binding,
  type BindingOptions,
  type BindingPort,
  serialBinding,
} from './serial/binding.js';
export { listSerialPorts, type SerialPortInfo } from './serial/list.js';
export { type ModemLines, type SerialOptions, SerialPort } from './serial/serial-port.js';
