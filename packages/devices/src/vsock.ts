export { localCid, VMADDR, type VsockAddress, VsockListener, VsockStream } from './vsock/vsock.js';
