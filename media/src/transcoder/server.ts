/**
 * Runs ffmpeg for the stream process beside it, in a container that holds nothing worth stealing.
 *
 *     connected ──job──▶ running ──ffmpeg's end──▶ told, closed
 *     running ──the connection's end──▶ killed          (no job within the deadline, or a bad one: closed)
 *
 * A connection is one run: it begins with a job, typed settings that become ffmpeg's arguments here, and ends with it. What is
 * encoded goes from ffmpeg to the stream process without passing through this one.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { getPriority } from 'node:os'
import { ffmpegArguments } from './ffmpeg-args.ts'
import { doorOf, jobShape, mostSaid, orderShape } from './job.ts'
import { parseLine, readLines, writeLine } from './lines.ts'
import { spawnChild } from './spawn-child.ts'
import { yieldCpu } from './yield-cpu.ts'

export interface TranscoderServerOptions {
  /** Where the sockets are; the stream process's, too. */
  directory: string
  ffmpegPath?: string
}

/** A ladder, its successor and a picture, and as many again that are ending. */
const mostRuns = 8
const jobDeadlineMs = 5_000
const longestSaid = 500

export class TranscoderServer {
  readonly #options: TranscoderServerOptions
  readonly #connections = new Set<Socket>()
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket))

  constructor(options: TranscoderServerOptions) {
    this.#options = options
  }

  async listen(): Promise<void> {
    const door = doorOf(this.#options.directory)
    await rm(door, { force: true }) // a predecessor's: a container may start again, its volume stays
    this.#server.listen(door)
    await once(this.#server, 'listening')
    this.#server.on('error', () => undefined) // a connection that could not be taken: whoever made it tries again
  }

  /** Ends every run; resolves when all are over. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    for (const socket of this.#connections) socket.destroy()
    await promise
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket)
    let child: ChildProcess | undefined
    const over = () => {
      clearTimeout(deadline)
      if (child === undefined) socket.end()
      else child.kill('SIGKILL')
    }
    const deadline = setTimeout(over, jobDeadlineMs)
    socket.on('error', () => socket.destroy()) // 'close' follows
    socket.on('end', over)
    socket.on('close', () => {
      this.#connections.delete(socket)
      over()
    })
    let isAsked = false
    readLines(socket, (line) => {
      if (isAsked) return obey(child, line)
      isAsked = true
      clearTimeout(deadline)
      child = this.#start(socket, line)
    })
  }

  #start(socket: Socket, line: string): ChildProcess | undefined {
    const fail = (failed: string): undefined => {
      writeLine(socket, { failed })
      socket.end()
    }
    const { directory, ffmpegPath = 'ffmpeg' } = this.#options
    const job = jobShape.safeParse(parseLine(line))
    if (!job.success) return fail(`no job: ${job.error.issues[0]?.path.join('.')} ${job.error.issues[0]?.message}`)
    if (this.#connections.size > mostRuns) return fail(`${mostRuns} runs are the most`)
    try {
      const child = spawnChild(ffmpegPath, ffmpegArguments(job.data, directory), {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      follow(child, socket, fail)
      return child
    } catch (error) {
      return fail(error instanceof Error ? error.message : 'cannot start ffmpeg')
    }
  }
}

function follow(child: ChildProcess, socket: Socket, fail: (reason: string) => void): void {
  const { pid } = child
  if (pid !== undefined) writeLine(socket, { started: pid })
  let left = mostSaid
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const said = text.slice(0, Math.min(longestSaid, left))
    left -= said.length
    if (said !== '') writeLine(socket, { said })
  })
  child.once('error', ({ message }) => fail(message))
  child.once('close', (code, signal) => {
    writeLine(socket, { ended: { code, signal } })
    socket.end()
  })
}

function obey(child: ChildProcess | undefined, line: string): void {
  const order = orderShape.safeParse(parseLine(line))
  if (!order.success || child?.pid === undefined || child.exitCode !== null) return
  yieldCpu(child.pid, Math.min(19, getPriority() + order.data.yieldCpu))
}
