import { createHash } from 'node:crypto'
import { streamKeyLabel, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { secrets } from '../kubernetes/api.ts'
import type { KeyFinding } from './plan.ts'

/** Between a connecting encoder and its Pod there must be no read of a Secret. */
const freshMs = 30_000
const missingFreshMs = 3_000
const maxHeld = 10_000

/** Finds the hash of a Broadcast's key: given in the spec, or of the Secret it refers to. */
export class StreamKeys {
  #api: KubernetesApi
  #held = new Map<string, { finding: KeyFinding; until: number }>()

  constructor(api: KubernetesApi) {
    this.#api = api
  }

  /**
   * The hash that the spec leads to now; while it leads to none, the last one that the same Secret held, with the reason as a
   * warning.
   * @throws {KubernetesError} the Secret could not be asked for; a missing one is a finding, not an error.
   */
  async find(broadcast: Broadcast, signal: AbortSignal): Promise<KeyFinding> {
    const finding = await this.#find(broadcast, signal)
    if ('sha256' in finding) return finding
    const lastGood = lastGoodOf(broadcast)
    if (lastGood === undefined) return finding
    const { reason, message } = finding.problem
    return { sha256: lastGood, warning: { reason, message: `${message}; the last key read stays in force` } }
  }

  async #find(broadcast: Broadcast, signal: AbortSignal): Promise<KeyFinding> {
    const { sha256, secretRef } = broadcast.spec.streamKey
    if (sha256 !== undefined) return { sha256 }
    if (secretRef === undefined) return { problem: { reason: 'KeyMissing', message: 'the spec names no stream key' } }
    const { namespace, generation } = broadcast.metadata
    const id = JSON.stringify([namespace, secretRef.name, secretRef.key, generation])
    const held = this.#held.get(id)
    if (held && held.until > performance.now()) return held.finding
    const finding = await this.#read(namespace, secretRef, signal)
    if (this.#held.size >= maxHeld) this.#held.clear()
    this.#held.set(id, { finding, until: performance.now() + ('sha256' in finding ? freshMs : missingFreshMs) })
    return finding
  }

  async #read(namespace: string, ref: { name: string; key: string }, signal: AbortSignal): Promise<KeyFinding> {
    try {
      const { data, metadata } = await this.#api.get(secrets, { namespace, name: ref.name }, signal)
      // Whoever may make Broadcasts could else have the operator hash any Secret of the namespace.
      if (metadata.labels[streamKeyLabel] !== 'true') {
        const message = `Secret ${ref.name} lacks the label ${streamKeyLabel}=true, without which no Broadcast may refer to it`
        return { problem: { reason: 'SecretNotLabelled', message } }
      }
      const value = data[ref.key]
      const key = value === undefined ? '' : Buffer.from(value, 'base64').toString('utf8').trim()
      if (key !== '') return { sha256: createHash('sha256').update(key).digest('hex') }
      return { problem: { reason: 'SecretKeyMissing', message: `Secret ${ref.name} has no key ${ref.key}` } }
    } catch (error) {
      if (isNotFound(error)) return { problem: { reason: 'SecretNotFound', message: `there is no Secret ${ref.name}` } }
      throw error
    }
  }
}

/** The Secret that a spec refers to, as the status says it. */
export const secretOf = ({ spec: { streamKey } }: Broadcast): string | undefined =>
  streamKey.secretRef && `${streamKey.secretRef.name}/${streamKey.secretRef.key}`

// A reference that was changed is another key: the old one must not work on.
function lastGoodOf(broadcast: Broadcast): string | undefined {
  const { streamKeySha256, streamKeySecret } = broadcast.status ?? {}
  const secret = secretOf(broadcast)
  return secret !== undefined && streamKeySecret === secret ? streamKeySha256 : undefined
}
