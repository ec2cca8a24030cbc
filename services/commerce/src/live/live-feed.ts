/**
 * Connects the rooms of this Pod to what happens anywhere: the logs' channels in Redis and the inventory's changes for
 * speed, the rows for truth. Every `compareMs` the rows of all rooms are read, so whatever Redis lost is made good; after the
 * subscription was interrupted, each room also reads on in its log. So no Pod needs a viewer to come back to it.
 */
import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import { aliveEventType } from '@mytaek1/contracts/alive-event.ts'
import type { Deal, LiveEvent } from '@mytaek1/contracts/live-events.ts'
import { NotFoundError, UnavailableError } from '@mytaek1/platform/errors.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { openShowsOf, productIdsOf, readShows } from '../broadcasts/queries.ts'
import { pricesOf, type ProductPrice } from '../catalog/queries.ts'
import { stockOf } from '../inventory/stock-levels.ts'
import type { StockChange } from '../inventory/stock-row.ts'
import { RepeatedFailure } from '@mytaek1/platform/repeated-failure.ts'
import { DealReadings } from './deal-readings.ts'
import { frameOf, type Frame } from './frame.ts'
import type { Hearts } from './hearts.ts'
import { appendEvent, channelOf, eventsAfter, parseAnnouncement, recentChat, type LogEntry } from './live-log.ts'
import { Room, type Listener } from './room.ts'
import type { ViewerMinutes } from './viewer-minutes.ts'
import { TooManyStreamsError } from './too-many-streams.ts'

const compareMs = 2_000
const heartbeatMs = 15_000
const heartsMs = 1_000
const heartsWrittenMs = 10_000
const chatSharedMs = 500
const beforeAll = '0-0' // no event of a log has this id
/** Keeps proxies from closing a quiet connection; and an event, not a comment, so that a page notices when none comes. */
const heartbeat = Buffer.from(`event: ${aliveEventType}\ndata: {}\n\n`)

/** What the feed needs. `subscriber` is a Redis connection of its own. */
export interface LiveFeedDeps {
  db: Knex
  redis: Redis
  subscriber: Redis
  viewersOf: (broadcastIds: readonly string[]) => Promise<Map<string, number>>
  hearts: Pick<Hearts, 'sumsOf' | 'write'>
  minutes: Pick<ViewerMinutes, 'take'>
  log: Logger
  maxListeners: number
  maxListenersPerAddress: number
}

/** The last of the chat, read for all who came within a moment; what came since is told them by the room. */
interface RecentChat {
  frames: Promise<Frame[]>
  readAt: number
  lastIdThen: string | undefined // of the log
}

interface RoomEntry {
  users: number // listeners, and those about to be
  loaded: Promise<Room>
  room?: Room // once loaded
  chat?: RecentChat
}

export class LiveFeed {
  #deps: LiveFeedDeps
  #entries = new Map<string, RoomEntry>()
  #roomsOfProduct = new Map<string, Set<Room>>()
  #listeners = 0
  #ofAddress = new Map<string, number>()
  #timers: NodeJS.Timeout[]
  #comparing = false
  #heartsWrittenAt = 0
  #outage: RepeatedFailure
  #deals: DealReadings

  constructor(deps: LiveFeedDeps) {
    this.#deps = deps
    this.#outage = new RepeatedFailure(deps.log, 'live.compare_failed')
    this.#deals = new DealReadings(deps.db, (deal) => {
      for (const room of this.#roomsOfProduct.get(deal.productId) ?? []) room.takeDeal(deal)
    })
    deps.subscriber.on('message', (channel: string, message: string) => this.#hear(channel, message))
    deps.subscriber.on('ready', () => void this.#catchUp()) // its own catch logs
    this.#timers = [
      setInterval(() => void this.#compare(), compareMs), // its own catch logs
      setInterval(() => void this.#lookAtHearts(), heartsMs), // its own catch
      setInterval(() => this.#eachRoom((_id, room) => room.writeToAll(heartbeat)), heartbeatMs),
    ]
  }

  /** How many listen on this Pod. */
  get listeners(): number {
    return this.#listeners
  }

  /**
   * Takes one of this Pod's places for a stream, whatever it is of; answers a function that gives it back, once.
   *
   * @throws {UnavailableError} this Pod has as many streams as it may.
   * @throws {TooManyStreamsError} the address has its share of them.
   */
  takePlace(address: string): () => void {
    const { maxListeners, maxListenersPerAddress } = this.#deps
    if (this.#listeners >= maxListeners) {
      throw new UnavailableError('This server has as many viewers as it may', { code: 'busy', retryAfterSeconds: 2 })
    }
    const ofAddress = this.#ofAddress.get(address) ?? 0
    if (ofAddress >= maxListenersPerAddress) throw new TooManyStreamsError(ofAddress, 'from this address')
    this.#ofAddress.set(address, ofAddress + 1)
    this.#listeners += 1
    let taken = true
    return () => {
      if (!taken) return
      taken = false
      this.#listeners -= 1
      const others = (this.#ofAddress.get(address) ?? 1) - 1
      if (others > 0) this.#ofAddress.set(address, others)
      else this.#ofAddress.delete(address)
    }
  }

  /** Tells every listener of a broadcast, on all Pods; not waited for. */
  announce(broadcastId: string, event: LiveEvent): void {
    this.append(broadcastId, event).catch((error: unknown) => {
      // state and pin are in the rows, which every Pod reads in two seconds
      this.#deps.log.warn('live.not_announced', { broadcastId, type: event.type, error })
    })
  }

  /** The same, and answers the event's id once Redis has it. */
  append(broadcastId: string, event: LiveEvent): Promise<string> {
    return appendEvent(this.#deps.redis, broadcastId, event)
  }

  /** Takes in what is left of a product, in any order and repeatedly: the version tells what is new. */
  takeStock({ productId, stock, version, variantOf }: StockChange): void {
    if (variantOf !== undefined) {
      const change = { productId: variantOf, variantId: productId, stock, version }
      for (const room of this.#roomsOfProduct.get(variantOf) ?? []) room.takeVariantStock(change)
      return
    }
    const rooms = [...(this.#roomsOfProduct.get(productId) ?? [])]
    for (const room of rooms) room.takeStock(productId, { stock, version })
    if (rooms.some((room) => room.hasDeal(productId))) this.#deals.changed(productId)
  }

  /** Tells every listener of the broadcasts that show a product what it costs now; not waited for. */
  announcePrice({ productId, ...price }: ProductPrice & { productId: string }): void {
    this.#announceOf(productId, { type: 'price', data: { productId, ...price } })
  }

  /** Tells every listener of the broadcasts that show a product of a deal that started or ended; not waited for. */
  announceDeal(deal: Deal): void {
    this.#announceOf(deal.productId, { type: 'deal', data: deal })
  }

  #announceOf(productId: string, event: LiveEvent): void {
    openShowsOf(this.#deps.db, productId)
      .then((ids) => {
        for (const id of ids) this.announce(id, event)
      })
      // the rows have it, which every Pod reads in two seconds
      .catch((error: unknown) => this.#deps.log.warn('live.not_announced', { productId, type: event.type, error }))
  }

  /**
   * Adds a listener; it gets what it missed since `lastEventId`, or the last of the chat, and then what there is now.
   *
   * @returns a function that takes it away again.
   * @throws {NotFoundError} no such broadcast.
   * @throws {UnavailableError} this Pod has as many listeners as it may.
   * @throws {TooManyStreamsError} the address has its share of them.
   */
  async join(
    broadcastId: string,
    listener: Listener,
    { address, lastEventId }: { address: string; lastEventId?: string | undefined },
  ): Promise<() => void> {
    const leavePlace = this.takePlace(address)
    const entry = this.#entryOf(broadcastId)
    entry.users += 1
    let left = false
    const leave = () => {
      if (left) return
      left = true
      leavePlace()
      entry.users -= 1
      entry.room?.leave(listener)
      if (entry.users === 0) this.#closeRoom(broadcastId, entry)
    }
    try {
      const room = await entry.loaded
      if (lastEventId === undefined) {
        const { frames, lastIdThen = beforeAll } = this.#chatFor(broadcastId, entry, room)
        room.join(listener, await frames, lastIdThen)
      } else {
        room.join(listener, await this.#missed(broadcastId, eventsAfter, lastEventId), lastEventId)
      }
      return leave
    } catch (error) {
      leave()
      throw error
    }
  }

  /** Ends everything; listeners are ended by whoever holds their connections. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    for (const [id, entry] of this.#entries) this.#closeRoom(id, entry)
    await Promise.resolve()
  }

  #entryOf(broadcastId: string): RoomEntry {
    const known = this.#entries.get(broadcastId)
    if (known !== undefined) return known
    const entry: RoomEntry = { users: 0, loaded: this.#load(broadcastId) }
    this.#entries.set(broadcastId, entry)
    entry.loaded
      .then((room) => {
        entry.room = room
        this.#index(room)
      })
      .catch(() => undefined) // whoever joins hears of it
    return entry
  }

  // Subscribes before it reads, so nothing falls between.
  async #load(broadcastId: string): Promise<Room> {
    await this.#subscribe(channelOf(broadcastId))
    const { db } = this.#deps
    const show = (await readShows(db, [broadcastId])).get(broadcastId)
    if (show === undefined) throw new NotFoundError('broadcast', broadcastId)
    const productIds = await productIdsOf(db, broadcastId)
    const [levels, prices] = await Promise.all([stockOf(db, productIds), pricesOf(db, productIds)])
    return new Room(productIds, { ...show, levels, prices })
  }

  // Which rooms show a product: stock of it is told there.
  #index(room: Room): void {
    for (const productId of room.productIds) {
      const rooms = this.#roomsOfProduct.get(productId)
      if (rooms === undefined) this.#roomsOfProduct.set(productId, new Set([room]))
      else rooms.add(room)
    }
  }

  #forget(room: Room): void {
    for (const productId of room.productIds) {
      const rooms = this.#roomsOfProduct.get(productId)
      rooms?.delete(room)
      if (rooms?.size === 0) this.#roomsOfProduct.delete(productId)
    }
  }

  // The tray changed: its products are read with what is left of them, and then viewers are told of both.
  async #readTray(broadcastId: string, room: Room, revision: number): Promise<void> {
    if (revision <= room.trayRevision) return
    const { db, log } = this.#deps
    try {
      const productIds = await productIdsOf(db, broadcastId)
      const [levels, prices] = await Promise.all([stockOf(db, productIds), pricesOf(db, productIds)])
      const isOpen = this.#entries.get(broadcastId)?.room === room
      if (!isOpen) return
      this.#forget(room)
      room.takeTray({ revision, productIds }, { levels, prices })
      this.#index(room)
    } catch (error) {
      log.warn('live.tray_not_read', { broadcastId, error }) // two seconds later it is read again
    }
  }

  async #subscribe(channel: string): Promise<void> {
    const subscribed = this.#deps.subscriber.subscribe(channel)
    subscribed.catch(() => undefined) // while Redis is away the rows are read all the same, and ioredis subscribes later
    if (this.#deps.subscriber.status === 'ready') await subscribed.catch(() => undefined)
  }

  #closeRoom(broadcastId: string, entry: RoomEntry): void {
    if (this.#entries.get(broadcastId) === entry) this.#entries.delete(broadcastId)
    if (entry.room !== undefined) {
      entry.room.close()
      this.#forget(entry.room)
    }
    this.#deps.subscriber.unsubscribe(channelOf(broadcastId)).catch(() => undefined) // a message too many is dropped
  }

  // A crowd comes at once: the log is read and parsed for all of it, and not for each.
  #chatFor(broadcastId: string, entry: RoomEntry, room: Room): RecentChat {
    const now = performance.now()
    if (entry.chat === undefined || now - entry.chat.readAt > chatSharedMs) {
      entry.chat = {
        lastIdThen: room.lastId,
        readAt: now,
        frames: this.#missed(broadcastId, (redis) => recentChat(redis, broadcastId)),
      }
    }
    return entry.chat
  }

  async #missed(
    broadcastId: string,
    read: (redis: Redis, broadcastId: string, after: string) => Promise<LogEntry[]>,
    after = beforeAll,
  ): Promise<Frame[]> {
    const { redis, log } = this.#deps
    try {
      const entries = await read(redis, broadcastId, after)
      return entries.map(({ id, event }) => frameOf(event, id))
    } catch (error) {
      log.warn('live.log_not_read', { broadcastId, error }) // what there is now still comes
      return []
    }
  }

  #hear(channel: string, message: string): void {
    const entry = parseAnnouncement(message)
    const known = this.#entries.get(channel.split(':')[1] ?? '')
    if (entry === undefined || known === undefined) return
    if (entry.event.type === 'chat_hidden') delete known.chat // who comes now is not shown it
    known.room?.take(entry.event, entry.id)
    if (entry.event.type === 'tray' && known.room !== undefined) {
      void this.#readTray(channel.split(':')[1] ?? '', known.room, entry.event.data.revision) // its own catch logs
    }
  }

  #eachRoom(work: (broadcastId: string, room: Room) => void): void {
    for (const [id, { room }] of this.#entries) if (room !== undefined) work(id, room)
  }

  // After the subscription was away: what the log got meanwhile.
  async #catchUp(): Promise<void> {
    const { redis, log } = this.#deps
    for (const [id, { room }] of this.#entries) {
      if (room?.lastId === undefined) continue
      try {
        for (const { id: eventId, event } of await eventsAfter(redis, id, room.lastId)) room.take(event, eventId)
      } catch (error) {
        log.warn('live.log_not_read', { broadcastId: id, error })
      }
    }
  }

  // One question a second for all shows that are watched here; what fails is asked again a second later.
  async #lookAtHearts(): Promise<void> {
    const ids: string[] = []
    this.#eachRoom((id) => ids.push(id))
    const { hearts } = this.#deps
    const sums = await hearts.sumsOf(ids).catch(() => new Map<string, number>())
    for (const [id, sum] of sums) this.#entries.get(id)?.room?.takeHearts(sum)
    if (performance.now() - this.#heartsWrittenAt < heartsWrittenMs) return
    this.#heartsWrittenAt = performance.now()
    await hearts.write(sums).catch((error: unknown) => this.#deps.log.warn('live.hearts_not_written', { error }))
  }

  // Rows are the truth; also the viewer counts, which nobody announces.
  async #compare(): Promise<void> {
    const rooms = new Map<string, { room: Room; stateChanges: number }>()
    this.#eachRoom((id, room) => rooms.set(id, { room, stateChanges: room.stateChanges }))
    if (rooms.size === 0 || this.#comparing) return
    this.#comparing = true
    try {
      const ids = [...rooms.keys()]
      const [viewers, shows] = await Promise.all([this.#deps.viewersOf(ids), readShows(this.#deps.db, ids)])
      const onAir = new Map([...viewers].filter(([id]) => shows.get(id)?.state === 'live'))
      await this.#deps.minutes
        .take(onAir)
        .catch((error: unknown) => this.#deps.log.warn('live.minutes_not_kept', { error }))
      const productIds = new Set([...rooms.values()].flatMap(({ room }) => room.productIds))
      const { db } = this.#deps
      const [levels, prices] = await Promise.all([stockOf(db, [...productIds]), pricesOf(db, [...productIds])])
      for (const [id, { room, stateChanges }] of rooms) {
        const show = shows.get(id)
        if (show !== undefined) {
          const own = { levels: pick(levels, room.productIds), prices: pick(prices, room.productIds) }
          room.takeSnapshot({ ...show, ...own }, stateChanges)
          void this.#readTray(id, room, show.trayRevision) // its own catch logs
        }
        const count = viewers.get(id)
        if (count !== undefined) room.takeViewers(count)
      }
      this.#outage.worked()
    } catch (error) {
      this.#outage.failed(error)
    } finally {
      this.#comparing = false
    }
  }
}

function pick<T>(from: ReadonlyMap<string, T>, keys: readonly string[]): Map<string, T> {
  return new Map(
    keys.flatMap((key) => {
      const value = from.get(key)
      return value === undefined ? [] : [[key, value] as const]
    }),
  )
}
