import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { QueueObserver } from './workqueue.ts'

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
export type ReconcileResult = 'success' | 'error' | 'requeue' | 'requeue_after'

/** Metrics of one controller under the names of Go's controller-runtime, so that existing dashboards and alerts fit. */
export interface ControllerMetrics {
  queue: QueueObserver
  /** Seconds since each running reconcile began, read when Prometheus asks. */
  setRunning(startedAt: () => Iterable<number>): void
  reconciled(result: ReconcileResult, seconds: number): void
  failed(kind: 'error' | 'panic' | 'timeout'): void
}

/** Registers the metrics once; `forController` labels them. Every series exists from the start, at 0. */
export function kernelMetrics(registry: Registry) {
  const registers = [registry]
  const labelNames = ['controller'] as const
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames, registers })
  const queueLabel = ['name'] as const
  const reconciles = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciliations by result',
    labelNames: ['controller', 'result'] as const,
    registers,
  })
  const failures = {
    error: counter('controller_runtime_reconcile_errors_total', 'Reconciliations that failed and are tried again'),
    panic: counter('controller_runtime_reconcile_panics_total', 'Reconciliations that ended in a bug'),
    timeout: counter('controller_runtime_reconcile_timeouts_total', 'Reconciliations that passed their deadline'),
  }
  const reconcileSeconds = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Seconds of a reconciliation',
    labelNames,
    buckets: seconds,
    registers,
  })
  const concurrency = new Gauge({
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Workers of a controller',
    labelNames,
    registers,
  })
  const depth = new Gauge({ name: 'workqueue_depth', help: 'Keys that wait', labelNames: queueLabel, registers })
  const adds = new Counter({ name: 'workqueue_adds_total', help: 'Keys added', labelNames: queueLabel, registers })
  const retries = new Counter({
    name: 'workqueue_retries_total',
    help: 'Keys added again after a failure',
    labelNames: queueLabel,
    registers,
  })
  const waited = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'Seconds a key waited',
    labelNames: queueLabel,
    buckets: seconds,
    registers,
  })
  const worked = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'Seconds a key was worked on',
    labelNames: queueLabel,
    buckets: seconds,
    registers,
  })
  const running = new Map<string, () => Iterable<number>>()
  const ages = (name: string) => [...(running.get(name)?.() ?? [])].map((at) => (performance.now() - at) / 1_000)
  const runningGauge = (name: string, help: string, of: (ages: number[]) => number, label: 'name' | 'controller') =>
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        for (const controller of running.keys()) this.set({ [label]: controller }, of(ages(controller)))
      },
    })
  runningGauge('controller_runtime_active_workers', 'Reconciliations that run now', (all) => all.length, 'controller')
  runningGauge(
    'workqueue_unfinished_work_seconds',
    'Seconds of work in progress',
    (all) => all.reduce((sum, age) => sum + age, 0),
    'name',
  )
  runningGauge(
    'workqueue_longest_running_processor_seconds',
    'Age of the oldest reconciliation that runs',
    (all) => Math.max(0, ...all),
    'name',
  )
  const leader = new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this process leads',
    labelNames: queueLabel,
    registers,
  })

  return {
    setLeading: (name: string, leading: boolean) => leader.set({ name }, leading ? 1 : 0),
    forController(name: string, workers: number): ControllerMetrics {
      concurrency.set({ controller: name }, workers)
      for (const result of ['success', 'error', 'requeue', 'requeue_after'])
        reconciles.inc({ controller: name, result }, 0)
      for (const failure of Object.values(failures)) failure.inc({ controller: name }, 0)
      adds.inc({ name }, 0)
      retries.inc({ name }, 0)
      depth.set({ name }, 0)
      return {
        queue: {
          depth: (keys) => depth.set({ name }, keys),
          added: () => adds.inc({ name }),
          retried: () => retries.inc({ name }),
          waited: (value) => waited.observe({ name }, value),
        },
        setRunning: (startedAt) => running.set(name, startedAt),
        reconciled(result, value) {
          reconciles.inc({ controller: name, result })
          reconcileSeconds.observe({ controller: name }, value)
          worked.observe({ name }, value)
        },
        failed: (kind) => failures[kind].inc({ controller: name }),
      }
    },
  }
}
