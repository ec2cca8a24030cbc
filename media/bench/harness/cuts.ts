/** Random cuts of an encoder's network, and how long viewers were without a picture after each. */
import { setTimeout as wait } from 'node:timers/promises'
import type { CutKind } from './cut-proxy.ts'
import type { WatchedStream } from './watched-stream.ts'
import { wallClock } from './stamped-encoder.ts'

const allKinds: readonly CutKind[] = ['fin', 'rst', 'hole']
const [shortestSeconds, longestSeconds] = [0.2, 20]
/** The picture is left alone this long between cuts, and a little more. */
const upMs = 2_500
const keyFrameDeadlineMs = 20_000

export interface Cut {
  stream: string
  kind: CutKind
  /** A black hole that the encoder did not outlast: it connects anew while its old connection is half open. */
  lost: boolean
  seconds: number
  /** From the first new key frame at the platform's door to the picture, for each viewer, in s. */
  backSeconds: number[]
  /** Viewers without a new picture when the next cut came. */
  neverBack: number
}

export interface CutsOptions {
  count: number
  /** All, unless given. */
  kinds?: readonly CutKind[]
  /** 0 to 1. */
  random: () => number
  onCut: (cut: Cut) => void
}

/** Cuts one stream `count` times, all scales from 0.2 s to 20 s alike. */
export async function cutRandomly(name: string, stream: WatchedStream, options: CutsOptions): Promise<void> {
  const { random, count, onCut, kinds = allKinds } = options
  const { proxy, encoder } = stream
  for (let done = 0; done < count; done += 1) {
    const kind = kinds[Math.floor(random() * kinds.length)] ?? 'fin'
    const lost = kind === 'hole' && random() < 0.5
    const seconds = shortestSeconds * (longestSeconds / shortestSeconds) ** random()
    proxy.cut(kind)
    if (kind !== 'hole') await encoder.stop()
    await wait(seconds * 1000)
    if (lost) await encoder.stop()
    const passed = proxy.keyFrames.length // not before the cut: a key frame may be on its way then
    proxy.heal({ lost })
    if (kind !== 'hole' || lost) encoder.start()
    const key = await nextKeyFrame(stream, passed)
    await wait(upMs + random() * 1000)
    const back = key === undefined ? [] : stream.seenAt(key.serial)
    onCut({
      stream: name,
      kind,
      lost,
      seconds,
      backSeconds: back.flatMap(({ atMs }) => (key && atMs !== undefined ? [(atMs - key.atMs) / 1000] : [])),
      neverBack: key === undefined ? stream.watchers.length : back.filter(({ atMs }) => atMs === undefined).length,
    })
  }
}

async function nextKeyFrame({ proxy }: WatchedStream, passed: number) {
  const deadline = wallClock() + keyFrameDeadlineMs
  while (proxy.keyFrames.length <= passed && wallClock() < deadline) await wait(20)
  return proxy.keyFrames[passed]
}
