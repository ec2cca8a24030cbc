/** An uplink that stops for a moment on a connection that stays, and how much of what it carried nobody was ever served. */
import { setTimeout as wait } from 'node:timers/promises'
import type { WatchedStream } from './watched-stream.ts'

const [shortestSeconds, longestSeconds] = [0.3, 1.9]
/** Left alone between stalls, and a little more. */
const upMs = 2_000
/** From the platform's door to the slowest viewer. */
const settleMs = 4_000

export interface StallsOptions {
  count: number
  /** 0 to 1. */
  random: () => number
}

/** Stalls one stream `count` times. @returns pictures that arrived while somebody watched, and were in no part. */
export async function stallRandomly(
  stream: WatchedStream,
  { count, random }: StallsOptions,
): Promise<{ arrived: number; neverShown: number }> {
  const { proxy } = stream
  for (let done = 0; done < count; done += 1) {
    proxy.cut('hole')
    await wait((shortestSeconds + (longestSeconds - shortestSeconds) * random()) * 1000)
    proxy.heal({ lost: false })
    await wait(upMs + random() * 1000)
  }
  const last = proxy.pictures.at(-1) ?? -1
  await wait(settleMs)
  const first = Math.min(...stream.shown)
  const arrived = proxy.pictures.filter((serial) => serial >= first && serial <= last)
  return { arrived: arrived.length, neverShown: arrived.filter((serial) => !stream.shown.has(serial)).length }
}
