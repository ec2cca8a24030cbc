import type { Logger } from '@mytaek1/platform/logger.ts'
import { isConflict, isUnavailable } from '@mytaek1/platform/kubernetes/error.ts'
import type { ControllerMetrics } from './metrics.ts'
import { WorkQueue, type Priority } from './workqueue.ts'

const unavailableRetryMs = 1_000

/** What a reconcile asks for: to be run again after a time even if nothing happens. */
export interface ReconcileOutcome {
  requeueAfterMs?: number
}

/** Everything a controller needs; `reconcile` must be safe to repeat and must end when its signal aborts. */
export interface ControllerOptions {
  name: string
  reconcile: (key: string, signal: AbortSignal) => Promise<ReconcileOutcome>
  /** All keys there are, for a leader that begins. */
  allKeys: () => Iterable<string>
  concurrency: number
  deadlineMs: number
  metrics: ControllerMetrics
  log: Logger
}

/**
 * Runs `reconcile` for keys that changed, many keys at once but each key once at a time.
 *
 * States: STANDBY (changes are ignored; caches keep up without it) → lead() → LEADING (all keys queued at low priority,
 * workers run) → stop(): running reconciles are aborted and awaited → STANDBY.
 */
export class Controller {
  #options: ControllerOptions
  #queue: WorkQueue | undefined
  #abort = new AbortController()
  #workers: Promise<void>[] = []
  #running = new Map<string, number>() // key → when it began

  constructor(options: ControllerOptions) {
    this.#options = options
    options.metrics.setRunning(() => this.#running.values())
  }

  /** Something about the key changed. */
  enqueue(key: string, priority: Priority = 'high'): void {
    this.#queue?.add(key, priority)
  }

  /** Runs the key again after a time. */
  enqueueAfter(key: string, delayMs: number): void {
    this.#queue?.addAfter(key, delayMs)
  }

  lead(): void {
    if (this.#queue) return
    const queue = new WorkQueue(this.#options.metrics.queue)
    this.#queue = queue
    this.#abort = new AbortController()
    for (const key of this.#options.allKeys()) queue.add(key, 'low')
    this.#workers = Array.from({ length: this.#options.concurrency }, () => this.#work(queue, this.#abort.signal))
  }

  async stop(): Promise<void> {
    this.#queue?.close()
    this.#queue = undefined
    this.#abort.abort(new Error('this process no longer leads'))
    await Promise.all(this.#workers)
    this.#workers = []
  }

  async #work(queue: WorkQueue, signal: AbortSignal): Promise<void> {
    for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
      await this.#runOnce(queue, key, signal)
      queue.done(key)
    }
  }

  async #runOnce(queue: WorkQueue, key: string, signal: AbortSignal): Promise<void> {
    const { name, reconcile, deadlineMs, metrics, log } = this.#options
    const startedAt = performance.now()
    const elapsed = () => (performance.now() - startedAt) / 1_000
    this.#running.set(key, startedAt)
    const deadline = AbortSignal.timeout(deadlineMs)
    try {
      const { requeueAfterMs } = await reconcile(key, AbortSignal.any([signal, deadline]))
      queue.forget(key)
      if (requeueAfterMs !== undefined) queue.addAfter(key, requeueAfterMs)
      metrics.reconciled(requeueAfterMs === undefined ? 'success' : 'requeue_after', elapsed())
    } catch (error) {
      if (signal.aborted) return
      metrics.reconciled('error', elapsed())
      metrics.failed(
        deadline.aborted ? 'timeout' : error instanceof TypeError || error instanceof RangeError ? 'panic' : 'error',
      )
      // Losing a compare-and-swap is ordinary; the newer object is on its way.
      if (isConflict(error)) log.debug('reconcile.conflict', { controller: name, key })
      else log.warn('reconcile.failed', { controller: name, key, error })
      // An outage says nothing about the key: steady retries, so that all of them go on soon after it.
      if (isUnavailable(error)) queue.addAfter(key, unavailableRetryMs * (0.5 + Math.random()))
      else queue.addRateLimited(key)
    } finally {
      this.#running.delete(key)
    }
  }
}
