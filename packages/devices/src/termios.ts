export { Termios, type TermiosStruct, type TermiosWhen } from './termios/termios.js';
