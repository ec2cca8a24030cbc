/** A stream process on free ports, and encoders that push to it: what the tests and benches of this folder stand on. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger, type Logger } from '@mytaek1/platform/logger.ts'
import type { ObjectStoreConfig } from '@mytaek1/platform/object-store.ts'
import { environmentAssignment } from '../assignment/environment-assignment.ts'
import type { Assignment, AssignmentSource } from '../assignment/assignment.ts'
import { startTranscoder } from '../../transcoder/testing/transcoder-fixture.ts'
import { StreamProcess } from '../stream-process.ts'

export interface StreamFixture {
  stream: StreamProcess
  key: string
  baseUrl: string
  rtmpUrl: string
  close(): Promise<void>
}

export interface FixtureOptions {
  assignment?: Partial<Assignment>
  /** Turns the assignment into one that comes later, or changes; absent: it is there from the start and stays. */
  source?: (assignment: Assignment) => AssignmentSource
  ladder?: { height: number; bitrateBps: number }[]
  preset?: 'ultrafast' | 'veryfast'
  thumbnailSeconds?: number
  log?: Logger
  objectStore?: ObjectStoreConfig
}

/** Starts a stream process; ports are the system's choice. */
export async function startStream(options: FixtureOptions = {}): Promise<StreamFixture> {
  const key = randomBytes(16).toString('hex')
  const directory = await mkdtemp(join(tmpdir(), 'mytaek1-stream-test-'))
  const assignment: Assignment = {
    broadcast: 'b-test',
    streamKeySha256: createHash('sha256').update(key).digest('hex'),
    latency: 'Low',
    dvrWindowSeconds: 600,
    ladder: undefined,
    encoderPreset: undefined,
    recording: false,
    createdAtMs: Date.now(),
    sequence: undefined,
    state: 'open',
    ...options.assignment,
  }
  const transcoder = await startTranscoder()
  const stream = new StreamProcess({
    config: {
      PORT: 0,
      RTMP_PORT: 0,
      DATA_DIR: directory,
      TRANSCODER_DIR: transcoder.directory,
      LADDER: options.ladder ?? [],
      ENCODER_PRESET: options.preset ?? 'ultrafast',
      THUMBNAIL_SECONDS: options.thumbnailSeconds ?? 0,
    },
    assignments: (options.source ?? environmentAssignment)(assignment),
    log: options.log ?? createLogger({ service: 'stream-test', level: 'error' }),
    objectStore: options.objectStore,
  })
  await stream.start()
  return {
    stream,
    key,
    baseUrl: `http://127.0.0.1:${stream.httpPort}`,
    rtmpUrl: `rtmp://127.0.0.1:${stream.rtmpPort}/live/${key}`,
    close: async () => {
      await stream.stop()
      await transcoder.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

export interface PushOptions {
  url: string
  seconds: number
  size?: string
  rate?: number
  gop?: number
  video?: boolean
  audio?: boolean
  extra?: string[] // further encoder options, e.g. ['-bf', '2']
  filter?: string
}

/** Pushes a test pattern with ffmpeg in real time. */
export function pushWithFfmpeg(options: PushOptions): ChildProcess & { done: Promise<number | null> } {
  const { url, seconds, size = '320x240', rate = 30, gop = 2 * rate, video = true, audio = true } = options
  const source = `testsrc2=size=${size}:rate=${rate}${options.filter ?? ''}`
  const args = ['-hide_banner', '-loglevel', 'error', '-nostdin']
  if (video) args.push('-re', '-f', 'lavfi', '-i', source)
  if (audio) args.push('-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000')
  const encoder = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-threads',
    '1',
    '-pix_fmt',
    'yuv420p',
  ]
  if (video) args.push(...encoder, '-g', `${gop}`, '-keyint_min', `${gop}`, '-b:v', '600k', ...(options.extra ?? []))
  if (audio) args.push('-c:a', 'aac', '-b:a', '96k', '-ac', '2')
  args.push('-t', `${seconds}`, '-f', 'flv', url)
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.once('close', (code) => resolve(code))
  return Object.assign(child, { done: promise })
}
