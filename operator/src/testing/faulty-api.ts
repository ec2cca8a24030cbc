/** A connection to a real apiserver that breaks on demand: processes that die at a write, watches that lie. */
import { pipeline, Transform, type Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { KubernetesApi, type CallOptions, type Query } from '@mytaek1/platform/kubernetes/api.ts'
import { loadCredentials } from '@mytaek1/platform/kubernetes/credentials.ts'
import { KubernetesError } from '@mytaek1/platform/kubernetes/error.ts'
import { Random } from '@mytaek1/platform/testing/random.ts'

/** Dies at the `at`-th write (from 1): before it is sent, or after the apiserver took it and before the answer is read. */
export interface CrashPoint {
  at: number
  when: 'before' | 'after'
}

/** What happens to the lines of every watch for as long as it is set. */
export type WatchFault = 'drop' | 'duplicate' | 'delay' | 'stale'

export class FaultyApi extends KubernetesApi {
  /** Writes seen so far, Lease and Events left out: those are not the reconcilers'. */
  readonly writes: string[] = []
  watchFault: WatchFault | undefined
  #random = new Random(1) // the same events are dropped in each run, as far as they come in the same order
  #crash: CrashPoint | undefined
  #onCrash: () => void
  #dead = false
  #watches = new Set<Readable>()

  /** @param onCrash told once, when the process would have died */
  static async connect(
    kubeconfig: string,
    crash?: CrashPoint,
    onCrash: () => void = () => undefined,
  ): Promise<FaultyApi> {
    return new FaultyApi(await loadCredentials({ kubeconfig }), crash, onCrash)
  }

  private constructor(
    credentials: Awaited<ReturnType<typeof loadCredentials>>,
    crash: CrashPoint | undefined,
    onCrash: () => void,
  ) {
    super(credentials, 'faulty')
    this.#crash = crash
    this.#onCrash = onCrash
  }

  get isDead(): boolean {
    return this.#dead
  }

  /** From now on nothing comes in or goes out, as for a killed process. */
  die(): void {
    if (this.#dead) return
    this.#dead = true
    for (const watch of this.#watches) watch.destroy()
    this.#onCrash()
  }

  override async call(options: CallOptions): Promise<unknown> {
    if (this.#dead) throw death()
    const counts = options.method !== 'GET' && !/\/(leases|events)(\/|$)/.test(options.path)
    if (!counts) return super.call(options)
    this.writes.push(`${options.method} ${options.path}`)
    const isPoint = this.#crash?.at === this.writes.length
    if (isPoint && this.#crash?.when === 'before') this.die()
    if (this.#dead) throw death()
    const answer = await super.call(options)
    if (isPoint) this.die()
    if (this.#dead) throw death()
    return answer
  }

  override async openWatch(
    path: string,
    query: Query,
    options: { signal: AbortSignal; connectMs: number },
  ): Promise<Readable> {
    if (this.#dead) throw death()
    const source = await super.openWatch(path, query, options)
    const bent = new Transform({ transform: (chunk: Buffer, _encoding, done) => void this.#bend(chunk, path, done) })
    pipeline(source, bent, () => this.#watches.delete(bent)) // its end is the reader's to notice
    this.#watches.add(bent)
    return bent
  }

  /** Ends the faults; what was dropped is made good as a real apiserver would: with 410 and a new list. */
  heal(): void {
    const dropped = this.watchFault === 'drop'
    this.watchFault = undefined
    const gone = {
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired', message: 'history was compacted' },
    }
    for (const watch of this.#watches)
      if (dropped && watch instanceof Transform) watch.push(`${JSON.stringify(gone)}\n`)
  }

  // Chunks of a watch are whole lines here: the apiserver flushes after each event.
  async #bend(chunk: Buffer, path: string, done: (error: Error | null, chunk?: Buffer) => void): Promise<void> {
    switch (this.watchFault) {
      case 'drop':
        return done(null, this.#random.chance(0.5) ? Buffer.alloc(0) : chunk)
      case 'duplicate':
        return done(null, Buffer.concat([chunk, chunk]))
      case 'delay':
        await wait(this.#random.between(0, 200))
        return done(null, chunk)
      case 'stale':
        // One kind is seen late while the other is fresh: the cache contradicts itself.
        while (this.watchFault === 'stale' && path.endsWith('/broadcasts')) await wait(20)
        return done(null, chunk)
      default:
        return done(null, chunk)
    }
  }
}

const death = () => new KubernetesError({ status: 0, reason: 'NoAnswer', message: 'this process is dead' })
