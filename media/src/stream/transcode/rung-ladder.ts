/**
 * The ladder of one stream: chooses rungs for the source, runs the encoder, and gives each rung its packager and output.
 *
 * When the encoder cannot keep up, the rung that costs most is shed: its parts become gaps and players leave it. It comes
 * back when the machine has had a processor to spare for a while. The source rendition never waits for any of this.
 */
import type { EncoderPreset, RungSpec } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { CutEvent } from '../hls/cut-event.ts'
import type { RenditionOutput } from '../output.ts'
import type { VideoConfig } from '../remux/codec.ts'
import type { VideoSample } from '../remux/fragment.ts'
import { IdleCores } from './idle-cores.ts'
import { ladderFor, type Rung } from './ladder.ts'
import { RungPackager, type RungEvent } from './rung-packager.ts'
import { ShedPolicy } from './shed-policy.ts'
import { Transcoder } from './transcoder.ts'

export interface RungLadderOptions {
  wanted: readonly RungSpec[] | undefined
  preset: EncoderPreset
  log: Logger
  /** Where the transcoder is met. */
  directory: string
  output: (name: string) => RenditionOutput
  /** Processors that stand idle; the machine's, unless a test says otherwise. */
  idleCores?: (nowMs: number) => number
}

/** A rung as the stream knows it. */
export interface LadderRung {
  rung: Rung
  packager: RungPackager
  output: RenditionOutput
  started: boolean
}

/** Longer than a restarted encoder needs to catch up with the current GOP. */
const partDeadlineMs = 1250
/** An encoder may start while every processor is busy, with as many seconds to catch up with as a Pod's replacement took. */
const startDeadlineMs = 4000
/** A first multivariant playlist waits so long for the rungs. */
const settleMs = 5500
/** A timer this late was not called for want of CPU: pictures wait in the sockets, and encoders get as long to catch up, */
const starvedMs = 50
/** but no longer than a part lasts. */
const longestCatchUpMs = 500
/** A part that waits this long for its pictures lags, */
const lagMs = 900
/** and a rung whose part was given up lags until others have come in time since. */
const lateMemoryMs = 1500

export class RungLadder {
  readonly #options: RungLadderOptions
  #rungs: LadderRung[] = []
  #active: LadderRung[] = [] // in the order of the transcoder's pipes
  #shed: LadderRung[] = [] // the cheapest last
  readonly #policy = new ShedPolicy()
  readonly #idleCores: (nowMs: number) => number
  #transcoder: Transcoder | undefined
  #source: VideoConfig | undefined
  #frameRate = 30
  #startedMs = 0
  #timer: NodeJS.Timeout | undefined
  #catchesUp = false
  #ended = false

  constructor(options: RungLadderOptions) {
    this.#options = options
    const machine = new IdleCores()
    this.#idleCores = options.idleCores ?? ((nowMs) => machine.look(nowMs))
  }

  /** Names of the rungs whose encoder runs. */
  get running(): string[] {
    return this.#active.filter((rung) => rung.started).map(({ rung }) => rung.name)
  }

  /** Names of the rungs that are to run: those of the ladder that were not shed. */
  get wanted(): string[] {
    return this.#active.map(({ rung }) => rung.name)
  }

  /** Rungs with something to play. */
  get ready(): LadderRung[] {
    return this.#rungs.filter((rung) => rung.started && !rung.packager.shed)
  }

  /** True when every rung plays, or has had its time to begin. */
  isSettled(nowMs: number): boolean {
    if (this.#source === undefined) return true
    return nowMs - this.#startedMs >= settleMs || this.#active.every((rung) => rung.started)
  }

  get restarts(): number {
    return this.#transcoder?.restarts ?? 0
  }

  /** The encoder's process, for tests that kill it. */
  get pid(): number | undefined {
    return this.#transcoder?.pid
  }

  feed(sample: VideoSample, nowMs: number): void {
    this.#transcoder?.feed(sample)
    this.#fitToCpu(nowMs)
  }

  cut(events: readonly CutEvent[], nowMs: number): void {
    for (const rung of this.#rungs) this.#apply(rung, rung.packager.cut(events, nowMs))
    this.#scheduleTick(nowMs)
  }

  /** Publishes what is left and ends every rung's playlist. */
  async end(nowMs: number): Promise<void> {
    for (const rung of this.#rungs) this.#apply(rung, rung.packager.tick(nowMs + startDeadlineMs))
    await this.close()
  }

  /** Stops the encoder and the timers. */
  async close(): Promise<void> {
    this.#ended = true
    clearTimeout(this.#timer)
    await this.#transcoder?.stop()
  }

  /** A publisher (re)started: starts the encoder, or keeps the one that runs if the source is what it was. */
  epoch(source: VideoConfig | undefined, frameTicks: number | undefined, nowMs: number): void {
    if (source === undefined) return
    const frameRate = 90_000 / (frameTicks ?? 3000)
    const isSame = this.#source?.record.equals(source.record) === true && Math.abs(frameRate - this.#frameRate) < 0.5
    if (isSame) return
    this.#source = source
    this.#frameRate = frameRate
    this.#startedMs = nowMs
    const ladder = ladderFor(source, this.#options.wanted)
    for (const rung of ladder) {
      const known = this.#rungs.find((known) => known.rung.name === rung.name)
      if (known !== undefined) {
        known.rung = rung // of another size where the new source has another shape
        continue
      }
      const packager = new RungPackager({ deadlineMs: partDeadlineMs, startDeadlineMs })
      packager.cut([{ type: 'epoch', epoch: 0, tracks: {}, frameTicks }], nowMs)
      this.#rungs.push({ rung, packager, output: this.#options.output(rung.name), started: false })
    }
    // A rung that the new source is too small for stays in the playlists as gaps: its URL is known to players.
    for (const known of this.#rungs) {
      this.#apply(known, known.packager.restart())
      known.packager.shed = !ladder.some((rung) => rung.name === known.rung.name)
    }
    this.#shed = []
    this.#restart(this.#rungs.filter((rung) => !rung.packager.shed))
  }

  /** @param follows true: the source is the same, so the new encoder goes on where the old one was. */
  #restart(active: LadderRung[], follows = false): void {
    const previous = this.#transcoder
    if (previous !== undefined) void previous.stop() // only waits for the child's end
    this.#transcoder = undefined
    this.#active = active
    const { log, preset, directory } = this.#options
    if (active.length === 0 || this.#source === undefined) return
    this.#transcoder = new Transcoder({
      rungs: active.map(({ rung }) => rung),
      source: this.#source,
      frameRate: this.#frameRate,
      preset,
      log,
      directory,
      previous: follows ? previous : undefined,
      onFrame: (index, frame) => {
        const rung = active[index]
        if (rung === undefined || this.#ended) return
        const nowMs = Date.now()
        this.#apply(rung, rung.packager.frame(frame, nowMs))
      },
    })
    this.#transcoder.start()
  }

  #apply(rung: LadderRung, events: readonly RungEvent[]): void {
    const { output } = rung
    for (const event of events) {
      if (event.type === 'segment-start') output.startSegment(event.event, event.tracks)
      else if (event.type === 'part') {
        output.addPart(event.part, event.video, event.independent)
        if (event.video !== undefined) rung.started = true
      } else if (event.type === 'segment-end') output.endSegment()
      else output.end()
    }
  }

  #scheduleTick(nowMs: number): void {
    if (this.#catchesUp) return // it looks when that is over
    clearTimeout(this.#timer)
    const deadlines = this.#rungs.map(({ packager }) => packager.deadline).filter((deadline) => deadline !== undefined)
    if (deadlines.length === 0 || this.#ended) return
    const dueMs = Math.min(...deadlines)
    this.#timer = setTimeout(() => this.#due(dueMs), Math.max(5, dueMs - nowMs))
  }

  /** Gives up what did not come in time; where this process did not run itself, after what came meanwhile was read. */
  #due(dueMs: number): void {
    const lateMs = Date.now() - dueMs
    this.#catchesUp = lateMs > starvedMs
    if (this.#catchesUp) this.#timer = setTimeout(() => this.#giveUp(), Math.min(lateMs, longestCatchUpMs))
    else this.#giveUp()
  }

  #giveUp(): void {
    this.#catchesUp = false
    const nowMs = Date.now()
    for (const rung of this.#rungs) this.#apply(rung, rung.packager.tick(nowMs))
    this.#scheduleTick(nowMs)
  }

  #fitToCpu(nowMs: number): void {
    const lagging = this.#active.some(
      ({ started, packager }) =>
        (started || nowMs - this.#startedMs > settleMs) &&
        (packager.lagMs(nowMs) > lagMs || nowMs - packager.lastLateMs < lateMemoryMs),
    )
    const view = {
      lagging,
      idleCores: this.#idleCores(nowMs),
      running: this.#active.length,
      shed: this.#shed.length,
    }
    const decision = this.#policy.look(view, nowMs)
    if (decision === 'shed') {
      const [dearest, ...rest] = this.#active
      if (dearest === undefined) return
      this.#options.log.warn('transcoder.rung_shed', { rung: dearest.rung.name })
      dearest.packager.shed = true
      this.#shed.push(dearest)
      this.#restart(rest, true)
    } else if (decision === 'return') {
      const cheapest = this.#shed.pop()
      if (cheapest === undefined) return
      this.#options.log.info('transcoder.rung_returned', { rung: cheapest.rung.name })
      this.#apply(cheapest, cheapest.packager.restart())
      this.#restart([cheapest, ...this.#active], true)
    }
  }
}
