import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import type { KubernetesObject } from '@mytaek1/platform/kubernetes/resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { events } from './api.ts'
import { microTime } from '@mytaek1/platform/kubernetes/lease.ts'

const maxQueued = 1_000
const perSecond = 20
const burst = 100
/** A repeated fact becomes a series on its first Event, told at most this often. */
const seriesEveryMs = 60_000
const forgetAfterMs = 10 * 60_000
const maxNote = 1_024
/** Events wait for a lull: those of a burst of encoders must not stand in the apiserver's way of giving them their Pods. */
const politeMs = 300
const mostPoliteMs = 3_000

/** One fact worth telling whoever runs `kubectl describe`. */
export interface EventFact {
  regarding: KubernetesObject & { apiVersion: string; kind: string }
  type: 'Normal' | 'Warning'
  reason: string // UpperCamelCase, few values
  action: string // what the operator did, UpperCamelCase
  note: string
}

interface Known {
  name: string
  count: number
  toldAt: number
  seenAt: number
}

/**
 * Writes Kubernetes Events beside the work, never in its way: bounded queue, rate limit, repeated facts aggregated into a
 * series. What cannot be written is dropped and counted in the log.
 */
export class EventRecorder {
  #options: { api: KubernetesApi; controller: string; instance: string; log: Logger }
  #queue: (() => Promise<void>)[] = []
  #known = new Map<string, Known>()
  #tokens = burst
  #refilledAt = performance.now()
  #pushedAt = 0
  #running: Promise<void> | undefined
  #dropped = 0
  #hurry = new AbortController()

  constructor(options: { api: KubernetesApi; controller: string; instance: string; log: Logger }) {
    this.#options = options
  }

  record(fact: EventFact): void {
    const now = performance.now()
    this.#forgetOld(now)
    const { regarding, type, reason } = fact
    const id = createHash('sha256')
      .update(JSON.stringify([regarding.metadata.uid, type, reason]))
      .digest('hex')
      .slice(0, 16)
    const known = this.#known.get(id)
    if (known) {
      known.count += 1
      known.seenAt = now
      // The first repetition is told at once, those after it now and then.
      if (known.count > 2 && now - known.toldAt < seriesEveryMs) return
      known.toldAt = now
      return this.#push(() => this.#tellSeries(fact, known))
    }
    // Unique by time: an Event of an earlier process with the same cause may still be there.
    const name = `${regarding.metadata.name.slice(0, 200)}.${id}${Date.now().toString(16)}`
    this.#known.set(id, { name, count: 1, toldAt: now, seenAt: now })
    this.#push(() => this.#create(fact, name))
  }

  /** Writes what is queued without further delay. */
  async flush(): Promise<void> {
    this.#hurry.abort()
    await this.#running
  }

  #push(write: () => Promise<void>): void {
    const now = performance.now()
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#refilledAt) / 1_000) * perSecond)
    this.#refilledAt = now
    if (this.#tokens < 1 || this.#queue.length >= maxQueued) {
      this.#dropped += 1
      if (this.#dropped % 100 === 1) this.#options.log.info('events.dropped', { dropped: this.#dropped })
      return
    }
    this.#tokens -= 1
    this.#queue.push(write)
    this.#pushedAt = now
    this.#running ??= this.#drain().finally(() => (this.#running = undefined))
  }

  async #drain(): Promise<void> {
    await this.#lull()
    for (let write = this.#queue.shift(); write; write = this.#queue.shift()) {
      try {
        await write()
      } catch (error) {
        this.#options.log.info('events.failed', { error }) // an Event is a courtesy
      }
    }
  }

  async #lull(): Promise<void> {
    const { signal } = this.#hurry
    const latest = performance.now() + mostPoliteMs
    const leftMs = () => Math.min(this.#pushedAt + politeMs, latest) - performance.now()
    for (let ms = leftMs(); ms > 0 && !signal.aborted; ms = leftMs())
      await wait(ms, undefined, { signal }).catch(() => undefined) // flush() cannot wait
  }

  async #create(fact: EventFact, name: string): Promise<void> {
    const { api, controller, instance } = this.#options
    const { regarding, type, reason, action, note } = fact
    const { apiVersion, kind, metadata } = regarding
    const namespace = metadata.namespace ?? 'default'
    await api.create(
      events,
      { namespace },
      {
        apiVersion: events.apiVersion,
        kind: events.kind,
        metadata: { name, namespace },
        eventTime: microTime(new Date()),
        reportingController: controller,
        reportingInstance: instance,
        regarding: { apiVersion, kind, namespace, name: metadata.name, uid: metadata.uid },
        type,
        reason,
        action,
        note: note.slice(0, maxNote),
      },
    )
  }

  async #tellSeries(fact: EventFact, known: Known): Promise<void> {
    const namespace = fact.regarding.metadata.namespace ?? 'default'
    const series = { count: known.count, lastObservedTime: microTime(new Date()) }
    await this.#options.api.patch(events, { namespace, name: known.name }, { type: 'merge', body: { series } })
  }

  #forgetOld(now: number): void {
    for (const [id, { seenAt }] of this.#known) {
      if (now - seenAt < forgetAfterMs) return // oldest first: a Map keeps insertion order, good enough here
      this.#known.delete(id)
    }
  }
}
