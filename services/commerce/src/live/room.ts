/**
 * The listeners of one broadcast on one Pod, and what they were told last.
 *
 * Events are gathered for a moment and written once to everybody: the first goes out at once, those that follow within
 * `gatherMs` together. Of several stock events of a product only the newest is written, so a rush of orders costs each
 * listener a few writes a second, however many orders there are. A stock event that is not newer than the last is dropped.
 * So it is with what is left of deals.
 */
import type { ChatSettings, Deal, LiveEvent } from '@mytaek1/contracts/live-events.ts'
import type { StockChange } from '../inventory/stock-row.ts'
import { isAfter } from './event-id.ts'
import { frameOf, type Frame } from './frame.ts'

const gatherMs = 50
const recentFrames = 256

/** Somebody who watches. `write` must not block; a listener that cannot keep up cuts itself off. */
export interface Listener {
  write(bytes: Buffer): void
}

type Level = Pick<StockChange, 'stock' | 'version'>
type Price = Omit<Extract<LiveEvent, { type: 'price' }>['data'], 'productId'>
type VariantStock = Extract<LiveEvent, { type: 'variant_stock' }>['data']
type Pin = Extract<LiveEvent, { type: 'pin' }>['data']
type Tray = Extract<LiveEvent, { type: 'tray' }>['data']
type State = Extract<LiveEvent, { type: 'state' }>['data']['state']

/** What newcomers are told first. */
export interface Snapshot {
  state: State
  trayRevision: number
  pin: Pin | undefined
  chat: ChatSettings
  hearts: number
  levels: ReadonlyMap<string, Level & { deal?: Deal | undefined }>
  prices: ReadonlyMap<string, Price>
}

export class Room {
  #productIds: readonly string[]
  #trayRevision: number
  /** The newest event of the log that came here; where to go on after a lost connection. */
  lastId: string | undefined
  #listeners = new Map<Listener, { skipUntil: string | undefined }>()
  #state: State
  #stateChanges = 0
  #pin: Pin | undefined
  #chat: ChatSettings
  #levels: Map<string, Level>
  #prices: Map<string, Price>
  #deals = new Map<string, Deal>() // the latest of each product that is known, over or not
  #pendingDeals = new Set<string>()
  #viewers = 0
  #hearts: number
  #recent: { frame: Frame; event: LiveEvent }[] = []
  #pending: Frame[] = []
  #pendingStock = new Set<string>()
  #variants = new Map<string, VariantStock>() // those that changed since the room was opened, by their ids
  #pendingVariants = new Set<string>()
  #gathering: NodeJS.Timeout | undefined

  constructor(productIds: readonly string[], snapshot: Snapshot) {
    this.#productIds = productIds
    this.#trayRevision = snapshot.trayRevision
    this.#state = snapshot.state
    this.#pin = snapshot.pin
    this.#chat = snapshot.chat
    this.#hearts = snapshot.hearts
    this.#levels = new Map(snapshot.levels)
    this.#prices = new Map(snapshot.prices)
    for (const { deal } of snapshot.levels.values()) if (deal) this.#deals.set(deal.productId, deal)
  }

  /** What viewers are shown, in order. */
  get productIds(): readonly string[] {
    return this.#productIds
  }

  /** Of the tray that is shown here. */
  get trayRevision(): number {
    return this.#trayRevision
  }

  get size(): number {
    return this.#listeners.size
  }

  /** How many changes of state the log told: rows that are read while it grows may be older than the last of them. */
  get stateChanges(): number {
    return this.#stateChanges
  }

  /** Takes in an event of the log, with its id; one that is not newer than the last is a repetition. */
  take(event: LiveEvent, id: string): void {
    if (this.lastId !== undefined && !isAfter(id, this.lastId)) return
    this.lastId = id
    if (event.type === 'state') {
      this.#state = event.data.state
      this.#stateChanges += 1
    }
    if (event.type === 'pin') this.#pin = event.data
    if (event.type === 'price' && !(this.#productIds.includes(event.data.productId) && this.#isNews(event.data))) return
    if (event.type === 'deal' && !(this.#productIds.includes(event.data.productId) && this.#isLater(event.data))) return
    if (event.type === 'tray') return // the feed reads its products, and then it is told here
    if (event.type === 'chat_settings') {
      if (event.data.revision <= this.#chat.revision) return
      this.#chat = event.data
    }
    const frame = frameOf(event, id)
    // who comes later is not told even for a moment what was taken away
    if (event.type === 'chat_hidden') this.#recent = this.#recent.filter((one) => !isHidden(one.event, event.data))
    this.#recent.push({ frame, event })
    if (this.#recent.length > recentFrames) this.#recent.shift()
    this.#pending.push(frame)
    this.#gather()
  }

  /** Takes in how many units are left; older versions are dropped. */
  takeStock(productId: string, level: Level): void {
    const known = this.#levels.get(productId)
    if (known !== undefined && level.version <= known.version) return
    this.#levels.set(productId, level)
    this.#pendingStock.add(productId)
    this.#gather()
  }

  /** Takes in how many units of a variant are left; older versions are dropped. Newcomers read them where they choose. */
  takeVariantStock(change: VariantStock): void {
    const known = this.#variants.get(change.variantId)
    if (known !== undefined && change.version <= known.version) return
    this.#variants.set(change.variantId, change)
    this.#pendingVariants.add(change.variantId)
    this.#gather()
  }

  /** Takes in what a product costs; older revisions are dropped. */
  takePrice(productId: string, price: Price): void {
    if (!this.#isNews({ productId, ...price })) return
    this.#pending.push(frameOf(priceEvent(productId, price)))
    this.#gather()
  }

  // Remembers the newest; a newer revision of the same price has another name or image, which is not told here.
  #isNews({ productId, ...price }: Price & { productId: string }): boolean {
    const known = this.#prices.get(productId)
    if (known !== undefined && price.revision <= known.revision) return false
    this.#prices.set(productId, price)
    return known === undefined || !isSamePrice(known, price)
  }

  /** Whether a deal of a product runs, as far as is known here. */
  hasDeal(productId: string): boolean {
    const deal = this.#deals.get(productId)
    return deal !== undefined && Date.parse(deal.endsAt) > Date.now()
  }

  /** Takes in what is left of a deal, or that it started or ended; older revisions, and older deals, are dropped. */
  takeDeal(deal: Deal): void {
    if (!this.#isLater(deal)) return
    this.#pendingDeals.add(deal.productId)
    this.#gather()
  }

  // Remembers the latest.
  #isLater(deal: Deal): boolean {
    const known = this.#deals.get(deal.productId)
    const isLater = known === undefined || (deal.id === known.id ? deal.revision > known.revision : deal.id > known.id)
    if (isLater) this.#deals.set(deal.productId, deal)
    return isLater
  }

  /** Takes in another tray, with what is left of its products and what they cost; older revisions are dropped. */
  takeTray(tray: Tray, { levels, prices }: Pick<Snapshot, 'levels' | 'prices'>): void {
    if (tray.revision <= this.#trayRevision) return
    this.#trayRevision = tray.revision
    this.#productIds = tray.productIds
    // newcomers are told nothing of what is not shown any more
    for (const known of [this.#levels, this.#prices, this.#deals]) {
      for (const id of known.keys()) if (!tray.productIds.includes(id)) known.delete(id)
    }
    for (const [id, { productId }] of this.#variants) {
      if (!tray.productIds.includes(productId)) this.#variants.delete(id)
    }
    this.#pending.push(frameOf({ type: 'tray', data: tray }))
    for (const [productId, price] of prices) this.takePrice(productId, price)
    this.#takeLevels(levels)
    this.#gather()
  }

  /** Takes in how many hearts there are by now; fewer are of a moment ago. */
  takeHearts(hearts: number): void {
    if (hearts <= this.#hearts) return
    this.#hearts = hearts
    this.#pending.push(frameOf({ type: 'hearts', data: { hearts } }))
    this.#gather()
  }

  takeViewers(viewers: number): void {
    if (viewers === this.#viewers) return
    this.#viewers = viewers
    this.#pending.push(frameOf({ type: 'viewers', data: { viewers } }))
    this.#gather()
  }

  /**
   * Takes in the rows, which are true whatever events were lost on the way.
   *
   * @param stateChanges as it was before the rows were read: their state is left to the next reading if it grew since.
   */
  takeSnapshot(snapshot: Snapshot, stateChanges: number): void {
    if (snapshot.state !== this.#state && stateChanges === this.#stateChanges) {
      this.#state = snapshot.state
      this.#pending.push(frameOf({ type: 'state', data: { state: snapshot.state } }))
      this.#gather()
    }
    if (snapshot.pin !== undefined && snapshot.pin.at > (this.#pin?.at ?? '')) {
      this.#pin = snapshot.pin
      this.#pending.push(frameOf({ type: 'pin', data: snapshot.pin }))
      this.#gather()
    }
    if (snapshot.chat.revision > this.#chat.revision) {
      this.#chat = snapshot.chat
      this.#pending.push(frameOf({ type: 'chat_settings', data: snapshot.chat }))
      this.#gather()
    }
    this.#takeLevels(snapshot.levels)
    for (const [productId, price] of snapshot.prices) this.takePrice(productId, price)
  }

  #takeLevels(levels: Snapshot['levels']): void {
    for (const [productId, { deal, ...level }] of levels) {
      this.takeStock(productId, level)
      if (deal) this.takeDeal(deal)
    }
  }

  /**
   * Adds a listener: first what it missed, then everything as it is now, then what comes.
   *
   * @param missed events of the log after the listener's last one, as just read; those of `#recent` that are newer came
   *   between that read and now. What the listener has got this way is skipped when it still comes here.
   */
  join(listener: Listener, missed: readonly Frame[], lastSeenId?: string): void {
    const lastMissed = missed.at(-1)?.id ?? lastSeenId
    const newer = this.#recent
      .map(({ frame }) => frame)
      .filter((frame) => lastMissed !== undefined && frame.id !== undefined && isAfter(frame.id, lastMissed))
    const all = [...missed, ...newer, ...this.#now()]
    listener.write(Buffer.from(all.map((frame) => frame.text).join('')))
    this.#listeners.set(listener, { skipUntil: newer.at(-1)?.id ?? lastMissed ?? this.lastId })
  }

  leave(listener: Listener): void {
    this.#listeners.delete(listener)
  }

  /** Writes the same to everybody at once: heartbeats. */
  writeToAll(bytes: Buffer): void {
    for (const listener of this.#listeners.keys()) listener.write(bytes)
  }

  close(): void {
    clearTimeout(this.#gathering)
    this.#listeners.clear()
  }

  #now(): Frame[] {
    const events: LiveEvent[] = [
      { type: 'state', data: { state: this.#state } },
      { type: 'viewers', data: { viewers: this.#viewers } },
      ...[...this.#levels].map(([productId, level]) => stockEvent(productId, level)),
      ...[...this.#prices].map(([productId, price]) => priceEvent(productId, price)),
      ...[...this.#deals.values()].map((data) => ({ type: 'deal' as const, data })),
    ]
    if (this.#hearts > 0) events.push({ type: 'hearts', data: { hearts: this.#hearts } })
    if (this.#trayRevision > 0) {
      events.push({ type: 'tray', data: { revision: this.#trayRevision, productIds: [...this.#productIds] } })
    }
    if (this.#chat.revision > 0) events.push({ type: 'chat_settings', data: this.#chat })
    if (this.#pin !== undefined) events.push({ type: 'pin', data: this.#pin })
    return events.map((event) => frameOf(event))
  }

  #gather(): void {
    if (this.#gathering !== undefined) return
    this.#flush()
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined
      const { size } = this.#pendingDeals
      if (this.#pending.length + this.#pendingStock.size + this.#pendingVariants.size + size > 0) this.#gather()
    }, gatherMs)
  }

  #flush(): void {
    const frames = this.#pending
    for (const productId of this.#pendingStock) {
      const level = this.#levels.get(productId)
      if (level !== undefined) frames.push(frameOf(stockEvent(productId, level)))
    }
    for (const variantId of this.#pendingVariants) {
      const data = this.#variants.get(variantId)
      if (data !== undefined) frames.push(frameOf({ type: 'variant_stock', data }))
    }
    for (const productId of this.#pendingDeals) {
      const data = this.#deals.get(productId)
      if (data !== undefined) frames.push(frameOf({ type: 'deal', data }))
    }
    this.#pending = []
    this.#pendingDeals.clear()
    this.#pendingStock.clear()
    this.#pendingVariants.clear()
    const firstId = frames.find((frame) => frame.id !== undefined)?.id
    const bytes = Buffer.from(frames.map((frame) => frame.text).join('')) // once for all listeners
    for (const [listener, progress] of this.#listeners) {
      const { skipUntil } = progress
      if (skipUntil === undefined || firstId === undefined || isAfter(firstId, skipUntil)) {
        listener.write(bytes)
        if (firstId !== undefined) progress.skipUntil = undefined
        continue
      }
      const rest = frames.filter((frame) => frame.id === undefined || isAfter(frame.id, skipUntil))
      if (rest.length > 0) listener.write(Buffer.from(rest.map((frame) => frame.text).join('')))
    }
  }
}

const isHidden = (event: LiveEvent, { id, authorId }: { id: string; authorId?: string | undefined }) =>
  event.type === 'chat' && (event.data.id === id || (authorId !== undefined && event.data.author?.id === authorId))

const stockEvent = (productId: string, { stock, version }: Level): LiveEvent => ({
  type: 'stock',
  data: { productId, stock, version },
})

const priceEvent = (productId: string, price: Price): LiveEvent => ({ type: 'price', data: { productId, ...price } })

const isSamePrice = ({ price: a }: Price, { price: b }: Price) => a.amount === b.amount && a.currency === b.currency
