import type { CallOff, Log, Timers } from '../ports.js';
import type { Service } from './service.js';
import type { ServiceManager } from './service-manager.js';

/** Tells the service manager that all is well, twice as often as it must hear it, as long as all is. */
export function startWatchdog(manager: ServiceManager, service: Service, timers: Timers, log: Log): CallOff {
  const { watchdogMs } = manager;
  if (watchdogMs === undefined) {
    return () => undefined;
  }
  return timers.every(watchdogMs / 2, () => {
    if (service.isResponsive()) {
      manager.isWell();
    } else {
      log.error('a worker does not answer');
    }
  });
}
