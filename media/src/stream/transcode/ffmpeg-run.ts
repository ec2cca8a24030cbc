/**
 * One run of ffmpeg in the transcoder, as the stream process sees it. It listens where that ffmpeg is to connect, asks for it,
 * and takes what comes as strangers' bytes: ffmpeg decodes what strangers send, and may be theirs by now.
 *
 *     asked ──started──▶ running ──ffmpeg's end, and all of its output read──▶ over
 *     asked or running ──kill(), no transcoder, bad output──▶ over
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterRunning } from '@mytaek1/platform/running-time.ts'
import {
  doorOf,
  inputOf,
  mostSaid,
  outputOf,
  reportShape,
  type LadderJob,
  type ThumbnailJob,
} from '../../transcoder/job.ts'
import { parseLine, readLines, writeLine } from '../../transcoder/lines.ts'

/** What is to be done, without the name that the run gets. */
export type Work = Omit<LadderJob, 'run'> | Omit<ThumbnailJob, 'run'>

/** How it ended: as a process does, or because there was none or it was given up. */
export type RunEnd = { code: number | null; signal: string | null } | { failed: string }

export interface FfmpegRunOptions {
  /** Where the transcoder is met. */
  directory: string
  work: Work
  /** Takes what ffmpeg wrote; one that throws ends the run. */
  onOutput: (index: number, chunk: Buffer) => void
  onSaid?: (text: string) => void
}

/** The transcoder starts ffmpeg within milliseconds; where it does not, the run is given up. */
const startDeadlineMs = 10_000
/** A process that was killed is gone at once; its sockets with it. In time that this process ran: what it has not read is no silence. */
const endDeadlineMs = 2_000

export class FfmpegRun {
  /** In the transcoder's own namespace; undefined before it has started. */
  pid: number | undefined
  /** Resolves when the run is over. */
  readonly ended: Promise<RunEnd>
  readonly #options: FfmpegRunOptions
  readonly #resolve: (end: RunEnd) => void
  readonly #servers: Server[] = []
  readonly #outputs = new Set<Socket>() // connected
  #control: Socket | undefined
  #input: Socket | undefined
  #waiting: Buffer[] = [] // until ffmpeg has connected
  #waitingBytes = 0
  #isEnding = false // of the input
  #isOver = false
  #said = 0 // characters
  #last: RunEnd | undefined // told, while output is still read
  #timer: NodeJS.Timeout

  constructor(options: FfmpegRunOptions) {
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<RunEnd>()
    this.ended = promise
    this.#resolve = resolve
    this.#timer = afterRunning(startDeadlineMs, () => this.#over({ failed: 'the transcoder did not start ffmpeg' }))
    this.#begin().catch((error: unknown) => this.#over({ failed: reasonOf(error) }))
  }

  /** Bytes that ffmpeg has not taken yet. */
  get backlogBytes(): number {
    return this.#waitingBytes + (this.#input?.destroyed === false ? this.#input.writableLength : 0)
  }

  write(data: Buffer): void {
    if (this.#isEnding) return
    if (this.#input !== undefined) {
      if (this.#input.writable) this.#input.write(data)
      return
    }
    this.#waiting.push(data)
    this.#waitingBytes += data.length
  }

  /** Nothing more comes. */
  end(): void {
    this.#isEnding = true
    this.#input?.end()
  }

  /** Lets it come after others where the CPU is short. */
  yieldCpu(niceness: number): void {
    if (this.#control !== undefined) writeLine(this.#control, { yieldCpu: niceness })
  }

  /** Ends ffmpeg, whatever it is at; resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.#isOver) {
      this.#stopFeeding()
      clearTimeout(this.#timer)
      this.#timer = afterRunning(endDeadlineMs, () => this.#over({ failed: 'killed' }))
      if (this.pid === undefined) this.#over({ failed: 'killed' })
      else this.#control?.end()
    }
    await this.ended
  }

  async #begin(): Promise<void> {
    const { directory, work } = this.#options
    const run = randomBytes(6).toString('hex')
    const outputs = Array.from({ length: work.kind === 'ladder' ? work.rungs.length : 1 }, (_, index) => index)
    await Promise.all([
      this.#listen(inputOf(directory, run), (socket) => this.#feed(socket)),
      ...outputs.map((index) => this.#listen(outputOf(directory, run, index), (socket) => this.#read(socket, index))),
    ])
    if (this.#isOver) return
    const control = connect({ path: doorOf(directory), allowHalfOpen: true })
    this.#control = control
    control.on('error', ({ message }) => this.#over({ failed: message }))
    control.on('close', () => {
      if (this.#last === undefined) this.#over({ failed: 'the transcoder is gone' })
    })
    control.on('end', () => control.destroy())
    readLines(control, (line) => this.#heard(line))
    writeLine(control, { ...work, run })
  }

  /** Takes one connection at `path`, and no other. */
  async #listen(path: string, onSocket: (socket: Socket) => void): Promise<void> {
    const server = createServer({ allowHalfOpen: true })
    this.#servers.push(server)
    server.on('error', ({ message }) => this.#over({ failed: message }))
    server.once('connection', (socket) => {
      server.close()
      socket.on('error', () => undefined) // ffmpeg's end, which causes it, is told
      if (this.#isOver) socket.destroy()
      else onSocket(socket)
    })
    server.listen(path)
    await once(server, 'listening')
  }

  #feed(socket: Socket): void {
    this.#input = socket
    socket.resume() // it says nothing; so its end is seen
    for (const data of this.#waiting) socket.write(data)
    this.#waiting = []
    this.#waitingBytes = 0
    if (this.#isEnding) socket.end()
  }

  #read(socket: Socket, index: number): void {
    this.#outputs.add(socket)
    socket.on('data', (chunk: Buffer) => {
      if (this.#isOver) return
      try {
        this.#options.onOutput(index, chunk)
      } catch (error) {
        this.#over({ failed: `bad output: ${reasonOf(error)}` })
      }
    })
    socket.on('end', () => socket.destroy())
    socket.on('close', () => {
      this.#outputs.delete(socket)
      this.#endIfRead()
    })
  }

  #heard(line: string): void {
    const report = reportShape.safeParse(parseLine(line)).data
    if (report === undefined) return this.#over({ failed: 'the transcoder talks nonsense' })
    if ('started' in report) {
      if (this.pid !== undefined) return // told again, it would take the deadline of a kill away
      this.pid = report.started
      clearTimeout(this.#timer)
    } else if ('said' in report) {
      this.#said += report.said.length
      if (this.#said <= mostSaid) this.#options.onSaid?.(report.said)
    } else if ('failed' in report) this.#over(report)
    else {
      this.#last = report.ended
      clearTimeout(this.#timer)
      this.#timer = afterRunning(endDeadlineMs, () => this.#over(report.ended))
      setImmediate(() => this.#endIfRead()) // connections that came before this report are taken by then
    }
  }

  #endIfRead(): void {
    if (this.#last !== undefined && this.#outputs.size === 0) this.#over(this.#last)
  }

  #over(end: RunEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    for (const server of this.#servers) if (server.listening) server.close()
    for (const socket of [this.#control, ...this.#outputs]) socket?.destroy()
    this.#stopFeeding()
    this.#resolve(end)
  }

  #stopFeeding(): void {
    this.#isEnding = true
    this.#waiting = []
    this.#waitingBytes = 0
    this.#input?.destroy()
  }
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
