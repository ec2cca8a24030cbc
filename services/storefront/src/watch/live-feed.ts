/**
 * Follows a broadcast: its server-sent events, and a snapshot by the API each time the feed (re)opens, so nothing that
 * happened in between is missed. The browser repeats Last-Event-ID on its own reconnects; a feed that was refused is
 * opened anew after a growing pause.
 */
import { computed, signal } from '@preact/signals'
import { aliveEventType } from '@mytaek1/contracts/alive-event.ts'
import type { ChatMessage, LiveEvent } from '@mytaek1/contracts/live-events.ts'
import { eventsUrl, readBroadcast } from '../api/commerce.ts'
import type { Broadcast } from '../api/model.ts'
import { account } from '../api/session.ts'
import { ApiProblem } from '../api/problem.ts'
import { tellOfferNews } from '../shop/offer-news.ts'
import { orderStreamOpened, tellOrderNews } from '../shop/order-news.ts'
import { applyEvent, applySnapshot, emptyLiveState, lacksProducts, type LiveState } from './live-state.ts'
import { liveEventTypes, parseLiveEvent } from './parse-event.ts'

const longestPauseMs = 15_000
const watchEveryMs = 5_000
const silentMs = 40_000 // more than two heartbeats of the service, 15 s each
const traySpreadMs = 500 // a crowd reads what a new tray has, not all in one moment
const snapshotEveryMs = 20_000 // while events are lost, and until the broadcast is live

export class LiveFeed {
  readonly live = signal<LiveState>(emptyLiveState)
  /** The broadcast as last read; null: there is no such broadcast. */
  readonly broadcast = signal<Broadcast | null | undefined>(undefined)
  readonly connected = computed(() => this.#eventsCome.value && this.#snapshotCame.value)

  readonly #eventsCome = signal(true)
  readonly #snapshotCame = signal(true)
  readonly #id: string
  readonly #read: typeof readBroadcast
  readonly #abort = new AbortController()
  #source: EventSource | undefined
  #ordersHeard: (() => void) | undefined
  #failures = 0
  #snapshotFailures = 0
  #aliveAtMs = 0
  #refreshTimer: ReturnType<typeof setTimeout> | undefined
  #trayTimer: ReturnType<typeof setTimeout> | undefined
  #watchTimer: ReturnType<typeof setInterval> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #snapshotTimer: ReturnType<typeof setInterval> | undefined
  #sinceSnapshotBegan: LiveEvent[] | undefined

  /** @param read reads the broadcast: for its seller there is more of it. */
  constructor(broadcastId: string, read: typeof readBroadcast = readBroadcast) {
    this.#id = broadcastId
    this.#read = read
  }

  start(): void {
    this.#open()
    void this.refresh() // its failures are kept in `broadcast` and `connected`
    this.#snapshotTimer = setInterval(() => {
      const waiting = this.live.value.state === 'open' || this.live.value.state === 'scheduled'
      if (waiting || !this.connected.value) void this.refresh()
    }, snapshotEveryMs)
    this.#watchTimer = setInterval(() => this.#watch(), watchEveryMs)
    document.addEventListener('visibilitychange', this.#onVisible)
  }

  stop(): void {
    this.#abort.abort()
    this.#source?.close()
    this.#ordersHeard?.()
    clearTimeout(this.#timer)
    clearTimeout(this.#refreshTimer)
    clearTimeout(this.#trayTimer)
    clearInterval(this.#watchTimer)
    clearInterval(this.#snapshotTimer)
    document.removeEventListener('visibilitychange', this.#onVisible)
  }

  /** Opens the stream anew: it is the signed-in viewer's, and somebody else signed in. */
  reopen(): void {
    if (this.#abort.signal.aborted || this.#source === undefined) return
    clearTimeout(this.#timer)
    this.#source.close()
    this.#failures += 1 // so that it reads a snapshot
    this.#open()
  }

  /** Shows at once what was just said here; the event of it changes nothing then. */
  said(message: ChatMessage): void {
    this.#take({ type: 'chat', data: message })
  }

  /** Reads the broadcast; events that come while it is read are applied again after it, for they may be newer. */
  async refresh(): Promise<void> {
    if (this.#sinceSnapshotBegan !== undefined) return // one is on its way
    const events: LiveEvent[] = (this.#sinceSnapshotBegan = [])
    try {
      const broadcast = await this.#read(this.#id, this.#abort.signal)
      this.broadcast.value = broadcast
      this.#snapshotCame.value = true
      this.#snapshotFailures = 0
      this.live.value = events.reduce(applyEvent, applySnapshot(this.live.value, broadcast))
      this.#readNewTray()
    } catch (error) {
      if (this.#abort.signal.aborted) return
      if (error instanceof ApiProblem && error.status === 404) this.broadcast.value = null
      else this.#refreshLater()
    } finally {
      this.#sinceSnapshotBegan = undefined
    }
  }

  /** One that failed is told, and asked for again: a page that shows nothing yet waits for it. */
  #refreshLater(): void {
    this.#snapshotCame.value = false
    this.#snapshotFailures += 1
    clearTimeout(this.#refreshTimer)
    const pauseMs = Math.min(1_000 * 2 ** (this.#snapshotFailures - 1), longestPauseMs) * (0.7 + 0.6 * Math.random())
    this.#refreshTimer = setTimeout(() => void this.refresh(), pauseMs)
  }

  #open(): void {
    this.#aliveAtMs = performance.now()
    const source = new EventSource(eventsUrl(this.#id))
    this.#source = source
    source.addEventListener('open', () => {
      if (this.#failures > 0) void this.refresh()
      this.#failures = 0
      this.#aliveAtMs = performance.now()
      this.#eventsCome.value = true
      this.#ordersHeard?.()
      this.#ordersHeard = account.value ? orderStreamOpened() : undefined
    })
    source.addEventListener('order', ({ data }) => {
      this.#aliveAtMs = performance.now()
      tellOrderNews(String(data))
    })
    source.addEventListener('offer', () => {
      this.#aliveAtMs = performance.now()
      tellOfferNews()
    })
    for (const type of liveEventTypes) {
      source.addEventListener(type, ({ data }) => {
        this.#aliveAtMs = performance.now()
        const event = parseLiveEvent(type, String(data))
        if (event !== undefined) this.#take(event)
      })
    }
    source.addEventListener(aliveEventType, () => (this.#aliveAtMs = performance.now()))
    source.addEventListener('error', () => this.#onError(source))
  }

  #take(event: LiveEvent): void {
    this.#sinceSnapshotBegan?.push(event)
    this.live.value = applyEvent(this.live.value, event)
    if (event.type === 'tray') this.#readNewTray()
  }

  #readNewTray(): void {
    const broadcast = this.broadcast.value
    if (!broadcast || !lacksProducts(this.live.value, broadcast)) return
    clearTimeout(this.#trayTimer)
    this.#trayTimer = setTimeout(() => void this.refresh(), traySpreadMs * Math.random())
  }

  #onError(source: EventSource): void {
    if (this.#abort.signal.aborted || this.broadcast.value === null) return source.close()
    this.#failures++
    this.#ordersHeard?.() // until it is open again
    this.#eventsCome.value = this.#failures < 2 // a first break is usually mended before anybody reads of it
    if (source.readyState !== EventSource.CLOSED) return // the browser reconnects by itself
    const pauseMs = Math.min(1_000 * 2 ** this.#failures, longestPauseMs) * (0.7 + 0.6 * Math.random())
    this.#timer = setTimeout(() => this.#open(), pauseMs)
  }

  /** A connection whose other end is gone says nothing, not even that: only what does not come can tell. */
  #watch(): void {
    if (performance.now() - this.#aliveAtMs < silentMs || this.broadcast.value === null) return
    clearTimeout(this.#timer)
    this.#source?.close()
    this.#failures += 1 // so that the next one reads a snapshot
    this.#open()
  }

  readonly #onVisible = () => {
    if (document.visibilityState === 'visible') void this.refresh()
  }
}
