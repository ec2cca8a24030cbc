import { createHash, randomBytes } from 'node:crypto'
import { kubectl } from './platform-under-test.ts'

/** A Broadcast made by hand, as a platform team does; the shop knows nothing of it. */
export interface OwnBroadcast {
  name: string
  streamKey: string
  body: object
}

/** Describes an open Broadcast with a key of its own; `spec` lies over a plain one. */
export function newBroadcast(prefix: string, spec: Record<string, unknown> = {}): OwnBroadcast {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`
  const streamKey = `live_${randomBytes(20).toString('hex')}`
  const sha256 = createHash('sha256').update(streamKey).digest('hex')
  const body = {
    apiVersion: 'live.mytaek1.dev/v1alpha1',
    kind: 'Broadcast',
    metadata: { name },
    spec: { title: name, seller: 'platform-team', streamKey: { sha256 }, ladder: [], ...spec },
  }
  return { name, streamKey, body }
}

/** Makes one by kubectl alone. */
export async function applyBroadcast(prefix: string, spec: Record<string, unknown> = {}): Promise<OwnBroadcast> {
  const broadcast = newBroadcast(prefix, spec)
  await kubectl(['create', '-f', '-'], { input: JSON.stringify(broadcast.body) })
  return broadcast
}

/** Deletes them, which the operator does in order; for cleaning up, so nobody waits and those that are gone are fine. */
export async function removeBroadcasts(...names: string[]): Promise<void> {
  await kubectl(['delete', 'broadcast', ...names, '--ignore-not-found', '--wait=false'])
}
