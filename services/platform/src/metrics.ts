import { Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/**
 * How often a process looks whether its event loop is late; the lag that it tells includes that time. The library's own 10 ms
 * wake a process that waits a hundred times a second: 0.7 % of a core each, where ten times take 0.08 %.
 */
const lagLookMs = 100

/** Makes a process's metric registry, with the runtime's own metrics (memory, descriptors, event-loop lag) in it. */
export function createRegistry(service: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: lagLookMs })
  return registry
}

/** Seconds from request to end of answer, by method, route pattern and status class; registered once. */
export function httpDuration(registry: Registry): Histogram<'method' | 'route' | 'status'> {
  return new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Seconds from the request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
}
