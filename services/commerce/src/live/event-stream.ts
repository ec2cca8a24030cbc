import { Readable } from 'node:stream'
import type { Listener } from './room.ts'

// A phone that lost its network takes nothing; 64 KiB is some hundred events.
const maxBufferedBytes = 64 * 1024
const reconnectSpreadMs = 2_000

/**
 * One viewer's connection: a stream that Koa sends. What is written and not yet sent is bounded; a viewer that falls
 * further behind is cut off, comes back by itself, and gets what it missed by Last-Event-ID.
 */
export class EventStream extends Readable implements Listener {
  constructor() {
    super({ highWaterMark: maxBufferedBytes, read: () => undefined })
    // the delay before a browser reconnects differs, so that a Pod's end does not bring all viewers back in one moment
    this.push(`retry: ${500 + Math.floor(Math.random() * reconnectSpreadMs)}\n\n`)
  }

  write(bytes: Buffer): void {
    if (this.destroyed || this.readableEnded) return
    if (this.readableLength > maxBufferedBytes) this.destroy()
    else this.push(bytes)
  }

  /** Ends in order: what was written is still sent. */
  end(): void {
    if (!this.destroyed) this.push(null)
  }
}
