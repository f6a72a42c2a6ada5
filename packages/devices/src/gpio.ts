export { GpioChip, type GpioChipInfo, listGpioChips } from './gpio/gpio-chip.js';
export { type GpioEvent, GpioLines } from './gpio/gpio-lines.js';
export type { GpioBias, GpioDirection, GpioDrive, GpioEdges, GpioLineInfo } from './gpio/line-info.js';
export type { GpioRequestOptions } from './gpio/request.js';
