/** Plays everyone around the operator: sellers who open and end broadcasts, the ingest, and streams that report. */
import { labels, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { leases, microTime } from '@mytaek1/platform/kubernetes/lease.ts'
import { startReflector, type Reflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { keyOf } from '@mytaek1/platform/kubernetes/store.ts'
import { broadcastBody, connectEncoder, eventually, reportStream, testLog } from '../src/testing/cluster.ts'

const conditionOf = (broadcast: Broadcast, type: string) =>
  broadcast.status?.conditions?.find((condition) => condition.type === type)
export const isAssigned = (broadcast: Broadcast) => conditionOf(broadcast, 'PodAssigned')?.status === 'True'
export const isReady = (broadcast: Broadcast) => conditionOf(broadcast, 'Ready')?.status === 'True'
/** Its stream Pod knows of it. */
export const isReported = (broadcast: Broadcast) => conditionOf(broadcast, 'Playable') !== undefined

export class Driver {
  readonly api: KubernetesApi
  readonly namespace: string
  #seen: Reflector<Broadcast>
  #listeners = new Set<(broadcast: Broadcast) => void>()

  constructor(api: KubernetesApi, namespace: string) {
    this.api = api
    this.namespace = namespace
    const onChange = (broadcast: Broadcast) => {
      for (const listener of this.#listeners) listener(broadcast)
    }
    this.#seen = startReflector({ api, resource: broadcasts, namespace, log: testLog(), onChange })
  }

  stop(): Promise<void> {
    return this.#seen.stop()
  }

  /** Calls back for every change of any broadcast until the returned function is called. */
  onChange(listener: (broadcast: Broadcast) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  count(is: (broadcast: Broadcast) => boolean): number {
    return [...this.#seen.store.values()].filter(is).length
  }

  /** Resolves in the watch event itself, so that no polling interval is measured. */
  async until(name: string, is: (broadcast: Broadcast) => boolean, deadlineMs = 30_000): Promise<void> {
    const key = `${this.namespace}/${name}`
    const now = this.#seen.store.get(key)
    if (now && is(now)) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(
      () => reject(new Error(`${name}: ${is.name} not reached: ${JSON.stringify(this.#seen.store.get(key))}`)),
      deadlineMs,
    )
    const forget = this.onChange((broadcast) => {
      if (keyOf(broadcast) === key && is(broadcast)) resolve()
    })
    try {
      await promise
    } finally {
      clearTimeout(timer)
      forget()
    }
  }

  async untilNone(): Promise<void> {
    const none = () => (this.#seen.store.size === 0 ? true : undefined)
    await eventually('all broadcasts are gone', none, { deadlineMs: 180_000, state: () => this.#seen.store.size })
  }

  /** A seller opens a broadcast. */
  async open(name: string): Promise<void> {
    const { api, namespace } = this
    await api.create(broadcasts, { namespace }, broadcastBody(namespace, name, { seller: name }))
    await this.until(name, (broadcast) => broadcast.status?.phase === 'Open')
  }

  /** Its encoder connects. */
  async connect(name: string): Promise<void> {
    await connectEncoder(this.api, this.namespace, name)
  }

  /** Opens and connects. @returns milliseconds from the recorded publisher to the assigned Pod */
  async claim(name: string, deadlineMs?: number): Promise<number> {
    await this.open(name)
    const assigned = this.until(name, isAssigned, deadlineMs).then(() => performance.now())
    await this.connect(name)
    const recordedAt = performance.now()
    return Math.max(0, (await assigned) - recordedAt)
  }

  /** Its picture arrives. */
  async play(name: string): Promise<void> {
    await reportStream(this.api, this.namespace, name, 'playing')
    await this.until(name, isReady)
  }

  /** Its stream process renews the Lease of its Pod, as often as the real one. @returns ends that */
  beat(name: string): () => void {
    const { api, namespace } = this
    const podName = this.#seen.store.get(`${namespace}/${name}`)?.status?.podName ?? name
    const write = () => {
      const body = {
        apiVersion: leases.apiVersion,
        kind: leases.kind,
        metadata: { name: podName, labels: { [labels.name]: 'mytaek1', [labels.component]: 'stream' } },
        spec: { holderIdentity: podName, leaseDurationSeconds: 25, renewTime: microTime(new Date()) },
      }
      const patch = { type: 'apply', body, fieldManager: 'stream', force: true } as const
      void api.patch(leases, { namespace, name: podName }, patch) // a beat that fails ends the bench
    }
    const timer = setInterval(write, 10_000)
    return () => clearInterval(timer)
  }

  /** The seller ends it; its Pod leaves; it is deleted. */
  async end(name: string): Promise<void> {
    const { api, namespace } = this
    await api.patch(broadcasts, { namespace, name }, { type: 'merge', body: { spec: { state: 'Ended' } } })
    await reportStream(api, namespace, name, 'ended')
    await this.until(
      name,
      function isEnded({ status }) {
        return status?.phase === 'Ended' && status.podName === undefined
      },
      180_000,
    )
    await this.remove(name)
  }

  async remove(name: string): Promise<void> {
    await this.api.delete(broadcasts, { namespace: this.namespace, name })
  }
}

/** `prefix-0`, `prefix-1` … */
export const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
