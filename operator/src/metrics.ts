import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What the operator counts of its trade; the kernel's own are in `kubernetes/metrics.ts`. */
export function operatorMetrics(registry: Registry) {
  const registers = [registry]
  const buckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
  return {
    adoptionConflicts: new Counter({
      name: 'adoption_conflicts_total',
      help: 'Adoptions of a warm Pod that had changed meanwhile and were tried again',
      registers,
    }),
    assignedSeconds: new Histogram({
      name: 'broadcast_pod_assigned_seconds',
      help: 'Seconds from a recorded publisher to an assigned Pod',
      buckets,
      registers,
    }),
    readySeconds: new Histogram({
      name: 'broadcast_ready_seconds',
      help: 'Seconds from a recorded publisher to a playable broadcast',
      buckets,
      registers,
    }),
    warm: new Gauge({
      name: 'warm_pool_size',
      help: 'Pods that wait for a broadcast',
      labelNames: ['pool'],
      registers,
    }),
  }
}
