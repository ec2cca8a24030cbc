/**
 * Follows a broadcast: its server-sent events, and a snapshot by the API each time the feed (re)opens, so nothing that
 * happened in between is missed. The browser repeats Last-Event-ID on its own reconnects; a feed that was refused is
 * opened anew after a growing pause.
 */
import { signal } from '@preact/signals'
import type { LiveEvent } from '@mytaek1/contracts/live-events.ts'
import { eventsUrl, readBroadcast } from '../api/commerce.ts'
import type { Broadcast } from '../api/model.ts'
import { ApiProblem } from '../api/problem.ts'
import { applyEvent, applySnapshot, emptyLiveState, type LiveState } from './live-state.ts'
import { liveEventTypes, parseLiveEvent } from './parse-event.ts'

const longestPauseMs = 15_000
const snapshotEveryMs = 20_000 // while events are lost, and until the broadcast is live

export class LiveFeed {
  readonly live = signal<LiveState>(emptyLiveState)
  /** The broadcast as last read; null: there is no such broadcast. */
  readonly broadcast = signal<Broadcast | null | undefined>(undefined)
  readonly connected = signal(true)

  readonly #id: string
  readonly #abort = new AbortController()
  #source: EventSource | undefined
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #snapshotTimer: ReturnType<typeof setInterval> | undefined
  #sinceSnapshotBegan: LiveEvent[] | undefined

  constructor(broadcastId: string) {
    this.#id = broadcastId
  }

  start(): void {
    this.#open()
    void this.refresh() // its failures are kept in `broadcast` and `connected`
    this.#snapshotTimer = setInterval(() => {
      const waiting = this.live.value.state === 'open' || this.live.value.state === 'scheduled'
      if (waiting || !this.connected.value) void this.refresh()
    }, snapshotEveryMs)
    document.addEventListener('visibilitychange', this.#onVisible)
  }

  stop(): void {
    this.#abort.abort()
    this.#source?.close()
    clearTimeout(this.#timer)
    clearInterval(this.#snapshotTimer)
    document.removeEventListener('visibilitychange', this.#onVisible)
  }

  /** Reads the broadcast; events that come while it is read are applied again after it, for they may be newer. */
  async refresh(): Promise<void> {
    if (this.#sinceSnapshotBegan !== undefined) return // one is on its way
    const events: LiveEvent[] = (this.#sinceSnapshotBegan = [])
    try {
      const broadcast = await readBroadcast(this.#id, this.#abort.signal)
      this.broadcast.value = broadcast
      this.live.value = events.reduce(applyEvent, applySnapshot(this.live.value, broadcast))
    } catch (error) {
      if (this.#abort.signal.aborted) return
      if (error instanceof ApiProblem && error.status === 404) this.broadcast.value = null
      else this.connected.value = false
    } finally {
      this.#sinceSnapshotBegan = undefined
    }
  }

  #open(): void {
    const source = new EventSource(eventsUrl(this.#id))
    this.#source = source
    source.addEventListener('open', () => {
      if (this.#failures > 0) void this.refresh()
      this.#failures = 0
      this.connected.value = true
    })
    for (const type of liveEventTypes) {
      source.addEventListener(type, ({ data }) => {
        const event = parseLiveEvent(type, String(data))
        if (event !== undefined) this.#take(event)
      })
    }
    source.addEventListener('error', () => this.#onError(source))
  }

  #take(event: LiveEvent): void {
    this.#sinceSnapshotBegan?.push(event)
    this.live.value = applyEvent(this.live.value, event)
  }

  #onError(source: EventSource): void {
    if (this.#abort.signal.aborted || this.broadcast.value === null) return source.close()
    this.#failures++
    this.connected.value = this.#failures < 2 // a first break is usually mended before anybody reads of it
    if (source.readyState !== EventSource.CLOSED) return // the browser reconnects by itself
    const pauseMs = Math.min(1_000 * 2 ** this.#failures, longestPauseMs) * (0.7 + 0.6 * Math.random())
    this.#timer = setTimeout(() => this.#open(), pauseMs)
  }

  readonly #onVisible = () => {
    if (document.visibilityState === 'visible') void this.refresh()
  }
}
