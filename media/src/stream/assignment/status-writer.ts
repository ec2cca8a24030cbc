/**
 * Writes what the Pod knows of its Broadcast by server-side apply: its conditions, where it listens, its media sequence. Only
 * what changed: what is measured all the time is the heartbeat's (`heartbeat.ts`). One write at a time, newest facts win, a
 * failed write is tried again; nothing waits for it.
 */
import { liveApi, type BroadcastStatus, type Condition, type Listening } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { UnreadableError } from '@mytaek1/platform/kubernetes/error.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'

/** What is true now. */
export interface StreamFacts {
  publishing: { status: boolean; reason: string; message: string }
  playable: { status: boolean; reason: string; message: string }
  mediaSequence: BroadcastStatus['mediaSequence']
  recording: BroadcastStatus['recording']
}

export interface StatusWriterOptions {
  api: KubernetesApi
  namespace: string
  name: string
  /** This Pod, once its doors are open; absent where it does not know its own address. */
  listening: Listening | undefined
  log: Logger
  facts: () => StreamFacts
  /** Fields of the spec that were edited and that this Pod does not follow any more. */
  pending?: () => readonly string[]
}

const fieldManager = 'stream'
const retryMs = 1000
/** Between two writes, where facts change in the middle of one. */
const againMs = 100
const soonMs = 1500

export class StatusWriter {
  readonly #options: StatusWriterOptions
  readonly #since = new Map<string, { status: boolean; at: string }>()
  #written = '' // a Pod that waits, or whose encoder is gone, has nothing new to say
  #timer: NodeJS.Timeout | undefined
  #writing = false
  #again = false
  #closed = false

  constructor(options: StatusWriterOptions) {
    this.#options = options
  }

  /** Something changed: writes now, or right after the write that runs. */
  changed(): void {
    if (this.#closed) return
    if (this.#writing) {
      this.#again = true
      return
    }
    void this.#write() // handles its own errors
  }

  /** Nobody waits for this change: writes within 1.5 s, not all at once where fifty Pods are given broadcasts at once. */
  soon(): void {
    if (this.#closed || this.#writing) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.changed(), soonMs * (0.5 + Math.random() / 2))
  }

  /** Waits for nothing more; the last facts have been written if the apiserver took them. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  async #write(): Promise<void> {
    this.#writing = true
    clearTimeout(this.#timer)
    const { api, namespace, name, listening, log, facts, pending } = this.#options
    let retryAfterMs: number | undefined
    try {
      const body = statusOf({ name, namespace, listening }, facts(), pending?.() ?? [], this.#since)
      const text = JSON.stringify(body)
      if (text !== this.#written) {
        const address = { namespace, name, subresource: 'status' }
        await api.patch(broadcasts, address, { type: 'apply', body, fieldManager, force: true }).catch(orWritten)
        this.#written = text
      }
    } catch (error) {
      retryAfterMs = retryMs
      log.warn('stream.status_write_failed', { error })
    }
    this.#writing = false
    if (this.#again) retryAfterMs = Math.min(retryAfterMs ?? againMs, againMs)
    this.#again = false
    if (!this.#closed && retryAfterMs !== undefined) this.#timer = setTimeout(() => this.changed(), retryAfterMs)
  }
}

// The write is done; what a later version has written beside it need not be read for that.
function orWritten(error: unknown): void {
  if (!(error instanceof UnreadableError)) throw error
}

function statusOf(
  { name, namespace, listening }: Pick<StatusWriterOptions, 'name' | 'namespace' | 'listening'>,
  facts: StreamFacts,
  pending: readonly string[],
  since: Map<string, { status: boolean; at: string }>,
) {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const condition = (type: string, fact: StreamFacts['publishing']): Condition => {
    const known = since.get(type)
    const at = known?.status === fact.status ? known.at : now
    since.set(type, { status: fact.status, at })
    return {
      type,
      status: fact.status ? 'True' : 'False',
      reason: fact.reason,
      message: fact.message,
      lastTransitionTime: at,
    }
  }
  return {
    apiVersion: liveApi.apiVersion,
    kind: 'Broadcast',
    metadata: { name, namespace },
    status: {
      conditions: [
        condition('Publishing', facts.publishing),
        condition('Playable', facts.playable),
        ...(pending.length === 0 ? [] : [condition('SpecApplied', notApplied(pending))]),
      ],
      ...(listening === undefined ? {} : { listening }),
      ...(facts.mediaSequence === undefined ? {} : { mediaSequence: facts.mediaSequence }),
      ...(facts.recording === undefined ? {} : { recording: facts.recording }),
    },
  }
}

const notApplied = (fields: readonly string[]) => ({
  status: false,
  reason: 'NextPod',
  message: `${fields.join(', ')}: takes effect with the stream's next Pod; delete this one to have it now`,
})
