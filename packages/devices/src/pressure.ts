export {
  type Pressure,
  type PressureResource,
  type PressureShare,
  PressureTrigger,
  type PressureTriggerOptions,
  readPressure,
} from './pressure/pressure-trigger.js';
