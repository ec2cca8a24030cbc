import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { longestGapMs } from './arrivals.ts'
import { doors } from './platform-under-test.ts'

/** Moments of progress that are kept, ten a second. */
const maxProgress = 20_000

/** A running encoder: the real ffmpeg with a moving test pattern and a tone. */
export interface Encoder {
  /** What ffmpeg said so far; never shows the key. */
  words(): string
  /** Resolves with ffmpeg's exit code when it ends by itself. */
  ended: Promise<number>
  running(): boolean
  /** The longest time between two moments (performance.now) in which it encoded no picture, ms: a machine without CPU for it. */
  longestGapMs(fromMs: number, toMs?: number): number
  /** Ends it in order, as a seller who presses stop. */
  stop(): Promise<void>
}

/** The encoder's arguments: H.264 and AAC in FLV, a key frame every two seconds. */
export function encoderArguments(url: string, options: { width: number; height: number; seconds?: number }): string[] {
  const size = `${options.width}x${options.height}`
  return [
    ['-hide_banner', '-loglevel', 'info', '-nostats', '-re'],
    ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30`],
    ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
    ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
    ['-g', '60', '-keyint_min', '60', '-sc_threshold', '0'],
    ['-b:v', '1500k', '-maxrate', '1500k', '-bufsize', '1500k'],
    ['-c:a', 'aac', '-b:a', '128k', '-ar', '48000'],
    options.seconds ? ['-t', String(options.seconds)] : [],
    ['-f', 'flv', url],
  ].flat()
}

/** Publishes to the platform's RTMP door; ended with the test at the latest. */
export function publish(t: TestContext, streamKey: string, options: { width?: number; height?: number } = {}): Encoder {
  const encoder = startEncoder(streamKey, options)
  t.after(() => encoder.stop())
  return encoder
}

/** Publishes to the platform's RTMP door, or another one, until `stop`. */
export function startEncoder(
  streamKey: string,
  options: { width?: number; height?: number; door?: string } = {},
): Encoder {
  const url = `${options.door ?? doors.rtmp}/${streamKey}`
  const size = { width: options.width ?? 1280, height: options.height ?? 720 }
  const args = ['-progress', 'pipe:1', '-stats_period', '0.1', ...encoderArguments(url, size)]
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const progress: number[] = []
  let frame = 0
  child.stdout.on('data', (chunk: Buffer) => {
    const reached = Number(/^frame=\s*(\d+)/m.exec(chunk.toString())?.[1] ?? 0)
    if (reached > frame) progress.push(performance.now())
    frame = Math.max(frame, reached)
    if (progress.length > maxProgress) progress.splice(0, maxProgress / 2)
  })
  let said = ''
  const hidden = streamKey === '' ? undefined : streamKey
  child.stderr.on('data', (chunk: Buffer) => {
    const text = chunk.toString()
    said = (said + (hidden ? text.replaceAll(hidden, '<key>') : text)).slice(-20_000)
  })
  child.stdin.on('error', () => undefined) // it ended before it was told to
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : -1))
  const running = () => child.exitCode === null && child.signalCode === null
  const stop = async () => {
    if (running()) child.stdin.write('q')
    const kill = setTimeout(() => child.kill('SIGKILL'), 30_000)
    await ended
    clearTimeout(kill)
  }
  const gap = (fromMs: number, toMs = performance.now()) => longestGapMs(progress, fromMs, toMs)
  return { words: () => said, ended, running, longestGapMs: gap, stop }
}
