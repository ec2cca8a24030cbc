/** Puts a live stream through faults and measures what its viewer saw and how soon the control plane acted again. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { standApart } from '@mytaek1/platform/testing/stand-apart.ts'
import { startEncoder, type Encoder } from '../framework/broadcaster.ts'
import { readBroadcast, waitForCondition } from '../framework/broadcast-status.ts'
import { applyBroadcast, newBroadcast, removeBroadcasts } from '../framework/own-broadcast.ts'
import { followParts, type PartFollower } from '../framework/part-follower.ts'
import { doors, kubectl, namespace } from '../framework/platform-under-test.ts'
import { keepMemoryAtHand } from '../framework/memory-at-hand.ts'
import { pauseProblems, type Pauses } from '../framework/pauses.ts'
import { multivariantUrl, readRenditions } from '../framework/playlist.ts'
import { notYet, waitFor } from '../framework/wait-for.ts'
import { insist, type ControlPlane } from './control-plane.ts'
import type { Fault } from './faults.ts'

/** HLS may pause no longer than this, ms: less than the least that a low-latency player buffers. */
export const stallLimitMs = 2_000
const newStreamLimitSeconds = 60
const tailMs = 8_000 // a kubelet that starts again tells of its Pods five seconds later
const apiPath = `/apis/live.mytaek1.dev/v1alpha1/namespaces/${namespace}`
const broadcastsPath = `${apiPath}/broadcasts`
const poolPath = `${apiPath}/mediapools/default`

/** What one fault did. Times in milliseconds. */
export interface Outcome {
  fault: string
  lastedMs: number
  /** Longest time without a new part at the viewer, since the fault before it was judged until some seconds after its end. */
  stallMs: number
  /** Longest time in which the encoder encoded no picture, in the same span. */
  encoderPauseMs: number
  /** What the viewer was answered instead of a playlist in that span, counted. */
  refusals: Record<string, number>
  /** From the end of the fault (see `Fault.endless`) until a publisher recorded then has its Pod. */
  recoveryMs: number
  /** From the same moment until a broadcast made then, with an encoder that tries, can be watched: ingest, Pod and edge. */
  newStreamMs: number
  /** 410 answers that the platform's watches were given. */
  expired: number
  problems: string[]
}

/** A stream that is live while faults happen. */
export class LiveStream {
  readonly name: string
  readonly encoder: Encoder
  readonly viewer: PartFollower
  #judgedMs = performance.now()
  #judgedFailures: Record<string, number> = {}

  private constructor(name: string, encoder: Encoder, viewer: PartFollower) {
    this.name = name
    this.encoder = encoder
    this.viewer = viewer
  }

  /** Goes live and waits until a viewer has ten parts. */
  static async start(): Promise<LiveStream> {
    await keepMemoryAtHand(90)
    standApart()
    // Two Pods for each fault: for the recorded publisher and for the encoder that comes after it.
    await kubectl(['scale', 'mediapool', 'default', '--replicas=2'])
    const broadcast = await applyBroadcast('endures')
    const encoder = startEncoder(broadcast.streamKey, { width: 640, height: 360 })
    try {
      await waitForCondition(broadcast.name, 'Playable', 'True')
      const [source] = await readRenditions(broadcast.name)
      if (source === undefined) throw new Error('the stream has no rendition')
      const viewer = followParts(source.url)
      const stream = new LiveStream(broadcast.name, encoder, viewer)
      await waitFor('a viewer with ten parts', 60, () =>
        Promise.resolve(viewer.parts() >= 10 ? true : notYet(viewer.failures())),
      ).catch(async (error: unknown) => {
        await stream.stop()
        throw error
      })
      stream.gaps() // counts from here
      return stream
    } catch (error) {
      await encoder.stop()
      throw error
    }
  }

  /** The longest times without a new part and without a picture encoded since the last call: what a fault does late is not lost between two. */
  gaps(): Pauses {
    const fromMs = this.#judgedMs
    this.#judgedMs = performance.now()
    return { stallMs: this.viewer.longestGapMs(fromMs), encoderPauseMs: this.encoder.longestGapMs(fromMs) }
  }

  /** What the viewer was answered instead of a playlist since the last call, counted. */
  refusals(): Record<string, number> {
    const before = this.#judgedFailures
    this.#judgedFailures = { ...this.viewer.failures() }
    const since = Object.entries(this.#judgedFailures).map(([how, count]) => [how, count - (before[how] ?? 0)] as const)
    return Object.fromEntries(since.filter(([, count]) => count > 0))
  }

  async stop(): Promise<void> {
    await this.encoder.stop()
    await this.viewer.stop()
    await removeBroadcasts(this.name)
    await kubectl(['scale', 'mediapool', 'default', '--replicas=1'])
  }
}

/** Lets one fault happen to a live stream. */
export async function endure(plane: ControlPlane, stream: LiveStream, fault: Fault): Promise<Outcome> {
  const probe = await applyBroadcast('probe')
  const late = newBroadcast('late')
  try {
    await waitForCondition(probe.name, 'KeyAccepted', 'True')
    await waitForWarmPods(plane, 2)
    const before = await readBroadcast(stream.name)
    const problemsBefore = stream.viewer.violations().length
    const since = new Date()
    const beganMs = performance.now()
    await fault.begin()
    const begunMs = performance.now()
    await delay(fault.seconds * 1_000)
    await fault.end()
    const endedMs = performance.now()
    const countsFromMs = fault.endless ? begunMs : endedMs
    const [recoveryMs, newStreamMs] = await Promise.all([
      untilAssigned(plane, probe.name, String(before.status?.publisher?.ingestPod), countsFromMs),
      untilWatchable(plane, late, countsFromMs),
    ])
    await delay(Math.max(0, endedMs + tailMs - performance.now()))
    const gaps = stream.gaps()
    const refusals = stream.refusals()
    const after = await readBroadcast(stream.name)
    const expired = await expiredWatches(since)
    return {
      fault: fault.name,
      lastedMs: Math.round(endedMs - beganMs),
      ...gaps,
      refusals,
      recoveryMs,
      newStreamMs,
      expired,
      problems: [
        ...stream.viewer.violations().slice(problemsBefore),
        ...judge({ fault, before, after, encoder: stream.encoder, ...gaps, recoveryMs }),
        ...(fault.expires && expired === 0 ? ['no watch was told 410: the fault did not happen'] : []),
      ],
    }
  } finally {
    await fault.undo()
    await removeBroadcasts(probe.name, late.name)
  }
}

function judge(seen: {
  fault: Fault
  before: Broadcast
  after: Broadcast
  encoder: Encoder
  stallMs: number
  encoderPauseMs: number
  recoveryMs: number
}): string[] {
  const { fault, before, after, encoder, stallMs, encoderPauseMs, recoveryMs } = seen
  const problems = pauseProblems({ stallMs, encoderPauseMs }, stallLimitMs)
  if (recoveryMs > fault.recoveryLimitMs) problems.push(`recovered after ${recoveryMs} ms`)
  if (!encoder.running()) problems.push('the encoder was disconnected')
  if (after.status?.podUID !== before.status?.podUID) problems.push('the stream was moved to another Pod')
  if (after.status?.publisher?.sessionId !== before.status?.publisher?.sessionId) problems.push('the session changed')
  return problems
}

/** Records a publisher as ingest does, and waits for what only a seeing operator does. */
async function untilAssigned(plane: ControlPlane, name: string, ingestPod: string, fromMs: number): Promise<number> {
  const path = `${broadcastsPath}/${name}`
  const publisher = { sessionId: 'probe', ingestPod, connectedAt: new Date().toISOString() }
  await insist(() => plane.api('PATCH', `${path}/status`, { status: { publisher } }))
  await waitFor(
    `${name} to have a Pod`,
    newStreamLimitSeconds,
    async () => {
      const { status } = (await plane.api('GET', path)) as Broadcast
      const assigned = status?.conditions?.find(({ type }) => type === 'PodAssigned')
      return assigned?.status === 'True' ? true : notYet(status)
    },
    20,
  )
  return Math.round(performance.now() - fromMs)
}

/** Makes a broadcast and lets an encoder knock until it is let in, as OBS does; waits for a part at a viewer. */
async function untilWatchable(
  plane: ControlPlane,
  { name, streamKey, body }: ReturnType<typeof newBroadcast>,
  fromMs: number,
): Promise<number> {
  await insist(() => plane.api('POST', broadcastsPath, body))
  const enough = new AbortController()
  const knocking = (async () => {
    while (!enough.signal.aborted) {
      const encoder = startEncoder(streamKey, { width: 320, height: 180 })
      const stopped = new Promise<void>((resolve) => enough.signal.addEventListener('abort', () => resolve()))
      await Promise.race([encoder.ended, stopped])
      await encoder.stop()
    }
  })()
  try {
    await waitFor(
      `${name} to be watchable`,
      newStreamLimitSeconds,
      async () => {
        const answer = await fetch(multivariantUrl(name), { signal: AbortSignal.timeout(15_000) })
        return answer.status === 200 ? true : notYet(`${doors.http}: ${answer.status}`)
      },
      50,
    )
    return Math.round(performance.now() - fromMs)
  } finally {
    enough.abort()
    await knocking
  }
}

async function waitForWarmPods(plane: ControlPlane, count: number): Promise<void> {
  // After a fault before this one the node may have to be found Ready first.
  await waitFor(`${count} warm Pods`, 240, async () => {
    const { status } = (await plane.api('GET', poolPath)) as { status?: { warm?: number } }
    return (status?.warm ?? 0) >= count ? true : notYet(status)
  })
}

/** How often a watch of the platform was told that its resource version is forgotten. */
async function expiredWatches(since: Date): Promise<number> {
  const selector = 'app.kubernetes.io/component in (operator,ingest,edge,stream)'
  const args = ['logs', '-l', selector, `--since-time=${since.toISOString()}`, '--tail=-1', '--max-log-requests=20']
  const text = await kubectl(args).catch(() => '') // a Pod that is only starting has no log yet
  return text
    .split('\n')
    .filter((line) => line.includes('kubernetes.watch_failed') && /too old resource version|Expired/.test(line)).length
}
