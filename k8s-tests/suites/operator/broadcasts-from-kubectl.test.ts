import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { publish } from '../../framework/broadcaster.ts'
import { waitForCondition } from '../../framework/broadcast-status.ts'
import { kubectl, namespace } from '../../framework/platform-under-test.ts'
import { readRenditions } from '../../framework/playlist.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const manifest = (name: string, spec: Record<string, unknown>) =>
  JSON.stringify({ apiVersion: 'live.mytaek1.dev/v1alpha1', kind: 'Broadcast', metadata: { name }, spec })
const apply = (text: string) => kubectl(['apply', '-f', '-'], { input: text })
const suffix = () => randomBytes(4).toString('hex')

/** Writes to the object that whoever watches it is told of in so many seconds. */
async function writesSeen(name: string, seconds: number): Promise<number> {
  const query = `watch=true&fieldSelector=metadata.name%3D${name}&timeoutSeconds=${seconds}`
  const path = `/apis/live.mytaek1.dev/v1alpha1/namespaces/${namespace}/broadcasts?${query}`
  const events = await kubectl(['get', '--raw', path])
  return events.split('\n').filter((line) => line.startsWith('{"type":"MODIFIED"')).length
}

test(
  'kubectl apply of a Broadcast with a Secret, and an encoder, are enough to be live',
  { timeout: 600_000 },
  async (t) => {
    const name = `by-hand-${suffix()}`
    const key = `live_${randomBytes(20).toString('hex')}`
    t.after(() => kubectl(['delete', 'broadcast,secret', name, '--ignore-not-found', '--timeout=90s']))
    await kubectl(['create', 'secret', 'generic', name, `--from-literal=key=${key}`])
    await kubectl(['label', 'secret', name, 'live.mytaek1.dev/stream-key=true'])
    await apply(
      manifest(name, { title: 'By hand', seller: 'platform-team', streamKey: { secretRef: { name, key: 'key' } } }),
    )
    await waitForCondition(name, 'KeyAccepted', 'True')
    const encoder = publish(t, key, { width: 640, height: 360 })
    await kubectl(['wait', '--for=condition=Ready', `broadcast/${name}`, '--timeout=120s'])
    assert.ok((await readRenditions(name)).length >= 1)
    // What is measured all the time is written where it wakes nobody; what only settles has settled by one of these.
    await waitFor('twenty seconds with two writes at most', 120, async () => {
      const writes = await writesSeen(name, 20)
      return writes <= 2 ? true : notYet(writes)
    })
    await kubectl(['patch', 'broadcast', name, '--type=merge', '-p', '{"spec":{"state":"Ended"}}'])
    await waitForCondition(name, 'Publishing', 'False')
    await encoder.ended
    assert.ok(!encoder.words().includes(key))
  },
)

test(
  'the apiserver alone rejects a Broadcast whose spec makes no sense, and says which field',
  { timeout: 600_000 },
  async () => {
    const sha256 = createHash('sha256').update('key').digest('hex')
    const good = { title: 'T', seller: 's', streamKey: { sha256 } }
    const cases: [what: string, spec: Record<string, unknown>, says: RegExp][] = [
      ['no title', { ...good, title: undefined }, /title/],
      ['a hash that is none', { ...good, streamKey: { sha256: 'abc' } }, /sha256/],
      ['both a hash and a Secret', { ...good, streamKey: { sha256, secretRef: { name: 'a', key: 'b' } } }, /streamKey/],
      ['neither a hash nor a Secret', { ...good, streamKey: {} }, /streamKey/],
      ['an unknown latency', { ...good, latency: 'Turbo' }, /latency/],
      ['a window of a day', { ...good, dvrWindow: '24h' }, /dvrWindow/],
      ['a rung of one line', { ...good, ladder: [{ height: 1, bitrateBps: 500_000 }] }, /ladder/],
      ['a field nobody knows', { ...good, colour: 'red' }, /colour/],
    ]
    for (const [what, spec, says] of cases) {
      await assert.rejects(apply(manifest(`bad-${suffix()}`, spec)), says, what)
    }
  },
)
