export { Tun, type TunMode, type TunOptions } from './tun/tun.js';
