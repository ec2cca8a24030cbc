/** The viewers of `show.ts`: thousands of event streams, read with as little work as possible, for they share its processors. */
import { connect, type Socket } from 'node:net'

const newestSlots = 100_000 // a tenth of a millisecond each: ten seconds
const readBytes = 64 * 1024
const chatMark = '"text":"said '

/** How long things took, in tenths of a millisecond: a million of them a second are counted, not kept. */
export class Delays {
  readonly #counts = new Uint32Array(newestSlots)
  count = 0

  add(milliseconds: number): void {
    const slot = Math.min(newestSlots - 1, Math.max(0, Math.round(milliseconds * 10)))
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1
    this.count += 1
  }

  /** The given quantile, 0 to 1, in milliseconds; NaN of none. */
  quantile(share: number): number {
    const rank = Math.ceil(this.count * share)
    let seen = 0
    for (const [slot, count] of this.#counts.entries()) {
      seen += count
      if (seen >= rank && seen > 0) return slot / 10
    }
    return Number.NaN
  }
}

/** What viewers wait for: when each was sent (performance.now()), by its number; undefined: not to be measured. */
export interface Awaited {
  readonly chat: readonly number[]
  readonly productId: string
  /** The nth order leaves `units - n` of the product. */
  readonly stock: readonly number[]
  readonly units: number
}

/** What all viewers together heard. */
export class Heard {
  readonly chat = new Delays()
  readonly stock = new Delays()
  bytes = 0
}

/** Opens a stream of events and listens until the socket is destroyed. `ended` is called when the server ends it. */
export async function watch({
  port,
  path,
  awaited,
  heard,
  ended,
}: {
  port: number
  path: string
  awaited: Awaited
  heard: () => Heard
  ended: () => void
}): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stockMark = `"productId":"${awaited.productId}","stock":`
  let rest = ''
  let known = 0 // orders whose event came
  const read = (length: number, buffer: Uint8Array) => {
    const now = performance.now()
    const text = rest + Buffer.from(buffer.buffer, buffer.byteOffset, length).toString('latin1')
    const end = text.lastIndexOf('\n\n') + 2
    rest = end < 2 ? text : text.slice(end)
    if (end < 2) return true
    const all = heard()
    all.bytes += length
    for (let at = text.indexOf(chatMark); at >= 0 && at < end; at = text.indexOf(chatMark, at + 1)) {
      const sentAt = awaited.chat[Number.parseInt(text.slice(at + chatMark.length, at + chatMark.length + 8), 10)]
      if (sentAt !== undefined) all.chat.add(now - sentAt)
    }
    for (let at = text.indexOf(stockMark); at >= 0 && at < end; at = text.indexOf(stockMark, at + 1)) {
      const sold = awaited.units - Number.parseInt(text.slice(at + stockMark.length, at + stockMark.length + 12), 10)
      for (; known < sold; known += 1) {
        const sentAt = awaited.stock[known]
        if (sentAt !== undefined) all.stock.add(now - sentAt)
      }
    }
    resolve()
    return true
  }
  const socket = connect({ port, host: '127.0.0.1', onread: { buffer: shared, callback: read } })
  socket.once('error', reject)
  socket.once('close', () => {
    reject(new Error(`The stream ended before its first event: ${rest.slice(0, 200)}`))
    ended()
  })
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await promise
  return socket
}

// what is read is looked at before anything else is read
const shared = Buffer.allocUnsafeSlow(readBytes)
