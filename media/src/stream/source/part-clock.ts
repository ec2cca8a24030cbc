/**
 * The clock that parts are made by when no media comes.
 *
 *     stopped ──watch()──▶ watching ──silence──▶ onSilent()      away() from any: makePart() each part duration
 */
import { Silence } from './silence.ts'

export interface PartClockOptions {
  /** How long parts are made. */
  partMs: () => number
  /** The encoder is connected, and nothing comes. */
  onSilent: (nowMs: number) => void
  /** Makes one part. @returns how long it lasts, in ms; undefined where there was none to make. */
  makePart: (nowMs: number) => number | undefined
}

export class PartClock {
  readonly #options: PartClockOptions
  readonly #silence = new Silence()
  #lastPartMs = 0
  #lastMediaMs = 0
  #timer: NodeJS.Timeout | undefined
  #mode: 'stopped' | 'watching' | 'away' = 'stopped'

  constructor(options: PartClockOptions) {
    this.#options = options
  }

  get lastPartMs(): number {
    return this.#lastPartMs
  }

  /** A part was published. */
  part(nowMs: number): void {
    this.#lastPartMs = nowMs
    if (this.#mode === 'watching') this.#schedule()
  }

  /** Media of the encoder's came. */
  media(nowMs: number): void {
    this.#silence.paused(nowMs - this.#lastMediaMs, nowMs)
    this.#lastMediaMs = nowMs
  }

  /** The encoder sends: looks for silence from now on. `wasLate`: what it sends now was held up on its way. */
  watch(nowMs: number, { wasLate }: { wasLate: boolean }): void {
    if (wasLate) this.#silence.wasPause(nowMs - this.#lastMediaMs, nowMs)
    this.#lastMediaMs = nowMs
    this.#mode = 'watching'
    this.#schedule()
  }

  /** From here on parts are made: one each part duration after the last real one, so that time goes as on the wall. */
  away(firstDueMs = this.#lastPartMs + this.#options.partMs()): void {
    if (this.#mode === 'away') return
    this.#mode = 'away'
    this.#partAt(firstDueMs)
  }

  stop(): void {
    this.#mode = 'stopped'
    clearTimeout(this.#timer)
  }

  #seen() {
    return { lastPartMs: this.#lastPartMs, lastMediaMs: this.#lastMediaMs, partMs: this.#options.partMs() }
  }

  #schedule(dueMs = this.#silence.dueMs(this.#seen(), Date.now())): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(dueMs), Math.max(1, dueMs - Date.now()))
  }

  /** A process that got no CPU has its media waiting in the socket: it reads that first, then decides. */
  #look(dueMs: number): void {
    const lateMs = Date.now() - dueMs
    setImmediate(() => {
      if (this.#mode !== 'watching') return
      const nowMs = Date.now()
      const again = this.#silence.waitsUntilMs(this.#seen(), { nowMs, lateMs })
      if (again === undefined) this.#options.onSilent(nowMs)
      else this.#schedule(again)
    })
  }

  #partAt(dueMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        if (this.#mode !== 'away') return
        const nowMs = Date.now()
        const lastsMs = this.#options.makePart(nowMs) ?? this.#options.partMs()
        if (this.#mode === 'away') this.#partAt(Math.max(dueMs + lastsMs, nowMs))
      },
      Math.max(0, dueMs - Date.now()),
    )
  }
}
