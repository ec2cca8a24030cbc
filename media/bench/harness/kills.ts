/** What viewers notice when a process behind their picture is killed. */
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { childrenOf } from './process-meter.ts'
import { wallClock } from './stamped-encoder.ts'
import type { WatchedStream } from './watched-stream.ts'

const resumeDeadlineMs = 60_000
const settleMs = 6_000
const ladderDeadlineMs = 60_000

/** kill -9 of the ladder's ffmpeg. @returns how much longer than one part the source's viewers waited for their next, in s. */
export async function killLadder(stream: WatchedStream, transcoderPid: number, partSeconds: number): Promise<number> {
  const ladder = () =>
    childrenOf(transcoderPid).find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('libx264'))
  const until = wallClock() + ladderDeadlineMs
  while (ladder() === undefined && wallClock() < until) await wait(100) // shed, where others took the CPU
  const ffmpeg = ladder()
  if (ffmpeg === undefined) throw new Error('no ladder runs')
  const killedAt = wallClock()
  process.kill(ffmpeg, 'SIGKILL')
  await wait(settleMs)
  const pauses = stream.watchers
    .filter(({ rendition }) => rendition === 'source')
    .map(({ arrivals }) => longestPause(arrivals.map(({ atMs }) => atMs).filter((atMs) => atMs > killedAt - 1_000)))
  return Math.max(0, ...pauses.map((pauseMs) => pauseMs / 1000 - partSeconds))
}

/** @returns from `kill()` until the last viewer had a picture that was sent after it, in s; Infinity after a minute. */
export async function resumeAfter(stream: WatchedStream, kill: () => Promise<void>): Promise<number> {
  const killedAt = wallClock()
  const newest = stream.encoder.newest
  await kill()
  if (process.env['VERBOSE'])
    console.log(`restarted ${((wallClock() - killedAt) / 1000).toFixed(2)} s after the kill began`)
  const seen = () => stream.seenAt(newest + 1).map(({ atMs }) => atMs)
  while (seen().some((atMs) => atMs === undefined) && wallClock() - killedAt < resumeDeadlineMs) await wait(50)
  const times = seen().map((atMs) => (atMs === undefined ? Infinity : (atMs - killedAt) / 1000))
  if (process.env['VERBOSE'])
    console.log(times.map((time, index) => `${stream.watchers[index]?.rendition} ${time.toFixed(2)}`).join(', '))
  await wait(settleMs)
  return Math.max(...times)
}

function longestPause(times: readonly number[]): number {
  return Math.max(0, ...times.slice(1).map((at, index) => at - (times[index] ?? at)))
}
