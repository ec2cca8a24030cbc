/**
 * Leader election on a Lease. It elects; it does not fence: every write of a leader must still compare resource versions.
 *
 * States: FOLLOWING (the Lease is watched; when its holder let go, or did not renew it for `leaseMs` by THIS machine's
 * clock, compare-and-swap it) → LEADING (renew every `renewEveryMs`; no success for `renewDeadlineMs`, or someone else's
 * name in it → FOLLOWING) → stop(): workers end first, then the Lease is let go so that the next one leads at once.
 * Times written by others are never trusted: clocks differ.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isAlreadyExists, isConflict } from '@mytaek1/platform/kubernetes/error.ts'
import { startReflector, type Reflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import { pathOf } from '@mytaek1/platform/kubernetes/resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { leases, microTime, type Lease } from '@mytaek1/platform/kubernetes/lease.ts'

/** Durations in milliseconds; `lease` is a whole number of seconds because the Lease says so. */
export interface ElectorTimes {
  leaseMs: number
  renewDeadlineMs: number
  renewEveryMs: number
}

/**
 * Times of a lease of so many seconds: renewed every quarter of it, given up after five sixths without success. The sixth that
 * is left is for clocks that run at different speeds; a write that is on its way at that moment compares versions.
 */
export const timesOf = (leaseSeconds: number): ElectorTimes => ({
  leaseMs: leaseSeconds * 1_000,
  renewDeadlineMs: (leaseSeconds * 5_000) / 6,
  renewEveryMs: leaseSeconds * 250,
})

/** How soon a failed renewal is tried again, while there is time. */
const retryMs = 100

export interface ElectorOptions {
  api: KubernetesApi
  namespace: string
  name: string
  /** Unique to this process, e.g. the Pod's name and a random part. */
  identity: string
  times: ElectorTimes
  onLead: () => void
  /** Must end all work; the Lease is given away only after it. */
  onLose: () => Promise<void>
  log: Logger
}

export class Elector {
  #options: ElectorOptions
  #times: ElectorTimes
  #reflector: Reflector<Lease>
  #stop = new AbortController()
  #done: Promise<void>
  #leading = false
  #renewedAt = 0
  #hurry = false // the last renewal failed: try again soon
  #changedAt = performance.now() // when the Lease was last seen to change, by the local clock
  #lease: Lease | undefined
  #wake: () => void = () => undefined

  constructor(options: ElectorOptions) {
    this.#options = options
    this.#times = options.times
    const { api, namespace, name, log } = options
    this.#reflector = startReflector({
      api,
      resource: leases,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      log,
      onChange: (lease) => this.#saw(lease),
      onDelete: () => this.#saw(undefined),
    })
    this.#done = this.#run(this.#stop.signal)
  }

  /**
   * Whether this process may act right now. False already when the last renewal is older than the deadline, so a process
   * that was frozen does not write before it noticed.
   */
  isLeading(): boolean {
    return this.#leading && performance.now() - this.#renewedAt < this.#times.renewDeadlineMs
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('stopping'))
    this.#wake()
    await this.#done
    await this.#reflector.stop()
  }

  #saw(lease: Lease | undefined): void {
    this.#lease = lease
    this.#changedAt = performance.now()
    if (!lease?.spec.holderIdentity) this.#wake()
  }

  async #run(signal: AbortSignal): Promise<void> {
    await Promise.race([this.#reflector.synced.catch(() => undefined), aborted(signal)])
    while (!signal.aborted) {
      if (this.#leading) await this.#renew()
      else if (this.#mayTake()) await this.#take()
      await this.#pause(signal)
    }
    if (!this.#leading) return
    this.#leading = false
    await this.#options.onLose()
    await this.#letGo()
  }

  #mayTake(): boolean {
    const holder = this.#lease?.spec.holderIdentity
    // Its own name: it gave up while the apiserver was slow, and nobody else has taken it since.
    if (!holder || holder === this.#options.identity) return true
    return performance.now() - this.#changedAt >= this.#times.leaseMs
  }

  async #take(): Promise<void> {
    const startedAt = performance.now()
    try {
      await this.#write(this.#options.identity, { taking: true, deadlineMs: this.#times.renewDeadlineMs })
    } catch (error) {
      // Lost the race, or the watch is blind: look again before the next try.
      this.#changedAt = startedAt - this.#times.leaseMs + this.#times.renewEveryMs
      if (isConflict(error) || isAlreadyExists(error)) await this.#refresh()
      else this.#options.log.warn('leader.take_failed', { error })
      return
    }
    this.#renewedAt = startedAt
    this.#leading = true
    this.#options.log.info('leader.elected', { identity: this.#options.identity })
    this.#options.onLead()
  }

  async #renew(): Promise<void> {
    const { identity, log } = this.#options
    const startedAt = performance.now()
    const leftMs = () => this.#renewedAt + this.#times.renewDeadlineMs - performance.now()
    this.#hurry = false
    try {
      if (this.#lease?.spec.holderIdentity !== identity) throw new Error('the Lease names someone else')
      await this.#write(identity, { taking: false, deadlineMs: Math.max(50, leftMs()) })
      this.#renewedAt = startedAt
    } catch (error) {
      // An earlier try that timed out may have been written after all.
      if (isConflict(error)) await this.#refresh()
      const isMine = this.#lease === undefined || this.#lease.spec.holderIdentity === identity
      if (isMine && leftMs() > retryMs) {
        log.warn('leader.renew_failed', { error })
        this.#hurry = true
        return
      }
      this.#leading = false
      log.warn('leader.lost', { error })
      await this.#options.onLose()
    }
  }

  // By a list of one, which needs no verb that the watch does not need anyway.
  async #refresh(): Promise<void> {
    const { api, namespace, name, log } = this.#options
    const query = { fieldSelector: `metadata.name=${name}` }
    try {
      const answer = await api.call({ method: 'GET', path: pathOf(leases, { namespace }), query })
      for (const lease of z.object({ items: z.array(z.unknown()) }).parse(answer).items) {
        this.#reflector.wrote(leases.parse(lease))
      }
    } catch (error) {
      log.warn('leader.read_failed', { error })
    }
  }

  async #letGo(): Promise<void> {
    try {
      await this.#write('', { taking: false, deadlineMs: this.#times.renewDeadlineMs })
      this.#options.log.info('leader.released')
    } catch (error) {
      this.#options.log.warn('leader.release_failed', { error }) // the next one waits until it expires
    }
  }

  async #write(holderIdentity: string, { taking, deadlineMs }: { taking: boolean; deadlineMs: number }): Promise<void> {
    const { api, namespace, name } = this.#options
    const known = this.#lease
    const now = microTime(new Date())
    const spec = {
      holderIdentity,
      leaseDurationSeconds: Math.max(1, Math.round(this.#times.leaseMs / 1_000)),
      renewTime: now,
      acquireTime: taking ? now : known?.spec.acquireTime,
      leaseTransitions: (known?.spec.leaseTransitions ?? 0) + (taking && known ? 1 : 0),
    }
    const metadata = { name, namespace, resourceVersion: known?.metadata.resourceVersion }
    const body = { apiVersion: leases.apiVersion, kind: leases.kind, metadata, spec }
    const written = known
      ? await api.replace(leases, { namespace, name }, body, { deadlineMs })
      : await api.create(leases, { namespace }, body)
    this.#reflector.wrote(written)
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const { renewEveryMs, leaseMs } = this.#times
    const untilExpiry = this.#changedAt + leaseMs - performance.now()
    // A follower wakes when the Lease would expire; jitter keeps several from colliding.
    const asFollower = Math.min(renewEveryMs, Math.max(20, untilExpiry + Math.random() * 50))
    const asLeader = this.#hurry ? retryMs : renewEveryMs
    const ms = this.#leading ? asLeader : asFollower
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await wait(ms, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => undefined) // woken early
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
