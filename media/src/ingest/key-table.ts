/** Which broadcast a stream key leads to: a copy of the Broadcasts, kept by a watch, so that nobody is asked per encoder. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { isOpen, keyHashOf, newestOf } from '@mytaek1/platform/kubernetes/stream-keys.ts'

const bucketDigits = 8

/** What a key is good for: `open` may publish, `closed` belongs to a broadcast that is over, `unknown` to none. */
export type KeyLookup =
  | { readonly state: 'open'; readonly broadcast: Broadcast }
  | { readonly state: 'closed' }
  | { readonly state: 'unknown' }

/** SHA-256 of a stream key, as kept at rest. */
export function hashStreamKey(streamKey: string): Buffer {
  return createHash('sha256').update(streamKey, 'utf8').digest()
}

/** Compares in constant time; false for a malformed `hex`. */
export function hashMatches(hash: Buffer, hex: string | undefined): boolean {
  const other = Buffer.from(hex ?? '', 'hex')
  return other.length === hash.length && timingSafeEqual(hash, other)
}

/** Fed by the watch with `upsert` and `remove`. */
export class KeyTable {
  readonly #byName = new Map<string, { bucket: string; broadcast: Broadcast }>()
  readonly #buckets = new Map<string, Map<string, Broadcast>>() // by the hash's first digits, so that the rest is compared in constant time
  readonly #waiting = new Set<() => void>()

  upsert(broadcast: Broadcast): void {
    const { name } = broadcast.metadata
    this.remove(name)
    const bucket = (keyHashOf(broadcast) ?? '').slice(0, bucketDigits)
    this.#byName.set(name, { bucket, broadcast })
    const members = this.#buckets.get(bucket) ?? new Map<string, Broadcast>()
    members.set(name, broadcast)
    this.#buckets.set(bucket, members)
    for (const look of this.#waiting) look()
  }

  remove(name: string): void {
    const known = this.#byName.get(name)
    if (known === undefined) return
    this.#byName.delete(name)
    const members = this.#buckets.get(known.bucket)
    members?.delete(name)
    if (members?.size === 0) this.#buckets.delete(known.bucket)
  }

  get(name: string): Broadcast | undefined {
    return this.#byName.get(name)?.broadcast
  }

  /** The open broadcast of this key; of several the newest. */
  find(hash: Buffer): KeyLookup {
    const members = this.#buckets.get(hash.toString('hex').slice(0, bucketDigits)) ?? new Map<string, Broadcast>()
    const matching = [...members.values()].filter((broadcast) => hashMatches(hash, keyHashOf(broadcast)))
    const newest = newestOf(matching.filter(isOpen))
    if (newest !== undefined) return { state: 'open', broadcast: newest }
    return { state: matching.length > 0 ? 'closed' : 'unknown' }
  }

  /** As `find`, but gives a broadcast made a moment ago `waitMs` to come by the watch. */
  async findSoon(hash: Buffer, waitMs: number, signal: AbortSignal): Promise<KeyLookup> {
    const first = this.find(hash)
    if (first.state === 'open') return first
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = () => this.find(hash).state === 'open' && resolve()
    const timer = setTimeout(resolve, waitMs)
    this.#waiting.add(look)
    signal.addEventListener('abort', () => resolve(), { once: true })
    try {
      await promise
      return this.find(hash)
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(look)
    }
  }
}
