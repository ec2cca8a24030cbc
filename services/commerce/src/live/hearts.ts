/**
 * Hearts of shows. Each Pod adds to one sum in Redis, and looks once a second at the sums of the shows that are watched here:
 * so a thousand hearts a second are one event a second for each viewer. The row follows some seconds later and is where the
 * sum begins again when Redis has lost it.
 */
import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import { NotFoundError, UnavailableError } from '@mytaek1/platform/errors.ts'
import type { BroadcastState } from '../broadcasts/broadcast-state.ts'
import { WrongStateError } from '../broadcasts/change-broadcast.ts'

const lifeSeconds = 86_400
const knownMs = 1_000
const knownMax = 1_000

// Adds to a sum that is there; else nothing, for the row knows where it has to begin.
const addScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then
  if ARGV[3] == '' then return -1 end
  redis.call('SET', KEYS[1], ARGV[3])
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('INCRBY', KEYS[1], ARGV[1])`

const keyOf = (broadcastId: string) => `hearts:${broadcastId}`

export class Hearts {
  readonly #db: Knex
  readonly #redis: Redis
  // a crowd's hearts ask for the state once a second, not once each
  readonly #states = new Map<string, { read: Promise<BroadcastState | undefined>; at: number }>()
  readonly #written = new Map<string, number>()

  constructor({ db, redis }: { db: Knex; redis: Redis }) {
    this.#db = db
    this.#redis = redis
  }

  /**
   * Adds hearts; answers how many the show has.
   *
   * @throws {NotFoundError | WrongStateError} no such show, or it is over or has not begun.
   * @throws {UnavailableError} `chat_unavailable`: they are not counted.
   */
  async add(broadcastId: string, hearts: number): Promise<number> {
    const state = await this.#stateOf(broadcastId)
    if (state === undefined) throw new NotFoundError('broadcast', broadcastId)
    if (state === 'ended' || state === 'scheduled') throw new WrongStateError('loved', state)
    try {
      const sum = await this.#addTo(broadcastId, hearts, '')
      if (sum >= 0) return sum
      const row = await this.#db('broadcasts').where('id', broadcastId).first<{ hearts: number } | undefined>('hearts')
      return await this.#addTo(broadcastId, hearts, String(row?.hearts ?? 0))
    } catch (cause) {
      throw new UnavailableError('Hearts are not counted now', {
        code: 'chat_unavailable',
        retryAfterSeconds: 2,
        cause,
      })
    }
  }

  /** The sums of shows; of one without there is none. */
  async sumsOf(broadcastIds: readonly string[]): Promise<Map<string, number>> {
    if (broadcastIds.length === 0) return new Map()
    const sums = await this.#redis.mget(broadcastIds.map(keyOf))
    return new Map(
      broadcastIds.flatMap((id, index) => {
        const sum = Number(sums[index] ?? Number.NaN)
        return Number.isSafeInteger(sum) ? [[id, sum] as const] : []
      }),
    )
  }

  /** Brings rows up to what was counted; only what has grown since the last time is written. */
  async write(sums: ReadonlyMap<string, number>): Promise<void> {
    for (const [id, sum] of sums) {
      if (sum <= (this.#written.get(id) ?? 0)) continue
      await this.#db('broadcasts').where({ id }).where('hearts', '<', sum).update({ hearts: sum })
      this.#written.set(id, sum)
    }
    for (const id of this.#written.keys()) if (!sums.has(id)) this.#written.delete(id)
  }

  async #addTo(broadcastId: string, hearts: number, from: string): Promise<number> {
    return Number(await this.#redis.eval(addScript, 1, keyOf(broadcastId), hearts, lifeSeconds, from))
  }

  #stateOf(broadcastId: string): Promise<BroadcastState | undefined> {
    const now = performance.now()
    const known = this.#states.get(broadcastId)
    if (known !== undefined && now - known.at < knownMs) return known.read
    if (this.#states.size >= knownMax) this.#states.clear()
    const read = this.#db('broadcasts')
      .where('id', broadcastId)
      .first<{ state: BroadcastState } | undefined>('state')
      .then((row) => row?.state)
    this.#states.set(broadcastId, { read, at: now })
    read.catch(() => this.#states.delete(broadcastId)) // a failure is kept for nobody
    return read
  }
}
