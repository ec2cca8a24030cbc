import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publish } from '../../framework/broadcaster.ts'
import { readBroadcast, waitForCondition } from '../../framework/broadcast-status.ts'
import { createProduct, endBroadcast, openBroadcast, signUp } from '../../framework/people.ts'
import { kubectl } from '../../framework/platform-under-test.ts'
import { readMediaSequence, readRenditions, readText } from '../../framework/playlist.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const newestSegment = async (url: string) => Number([...(await readText(url)).matchAll(/seg-(\d+)/g)].at(-1)?.[1] ?? 0)

test(
  'a deleted media Pod comes back and an operator restarted mid-stream breaks nothing',
  { timeout: 600_000 },
  async (t) => {
    const seller = await signUp('seller')
    const productId = await createProduct(seller, { name: 'chair', price: 50_000, stock: 5 })
    const broadcast = await openBroadcast(seller, 'pods come and go', [productId])
    t.after(() => endBroadcast(seller, broadcast.id))
    const encoder = publish(t, seller.streamKey)
    const live = await waitForCondition(broadcast.id, 'Playable', 'True')
    const [source] = await readRenditions(broadcast.id)
    assert.ok(source)

    await t.test(
      'the Pod is deleted: another serves the stream, the encoder notices nothing, the sequence does not fall',
      async () => {
        const before = {
          pod: live.status?.podName,
          sequence: await readMediaSequence(source.url),
          newest: await newestSegment(source.url),
        }
        await kubectl(['delete', 'pod', String(before.pod), '--wait=false'])
        await waitFor('another Pod to be named', 90, async () => {
          const { status } = await readBroadcast(broadcast.id)
          return status?.podName && status.podName !== before.pod && status.podIP ? status : notYet(status)
        })
        await waitForCondition(broadcast.id, 'Playable', 'True')
        await waitFor('newer segments at the same URL', 90, async () => {
          const newest = await newestSegment(source.url)
          return newest > before.newest + 1 ? newest : notYet(newest)
        })
        assert.ok((await readMediaSequence(source.url)) >= before.sequence)
        assert.equal(encoder.running(), true, encoder.words())
      },
    )

    await t.test('the operator is restarted: the same Pod streams on', async () => {
      const before = await readBroadcast(broadcast.id)
      await kubectl(['rollout', 'restart', 'deployment/mytaek1-operator'])
      const newest = await newestSegment(source.url)
      await kubectl(['rollout', 'status', 'deployment/mytaek1-operator', '--timeout=120s'], { timeoutMs: 130_000 })
      await waitFor('newer segments', 90, async () => {
        const now = await newestSegment(source.url)
        return now > newest ? now : notYet(now)
      })
      const after = await readBroadcast(broadcast.id)
      assert.equal(after.status?.podUID, before.status?.podUID)
      assert.equal(encoder.running(), true, encoder.words())
    })

    await t.test('the restarted operator still works: a broadcast that ends is cleaned up', async () => {
      await endBroadcast(seller, broadcast.id)
      await waitFor('the Pod to go', 120, async () => {
        const pods = await kubectl(['get', 'pods', '-l', `live.mytaek1.dev/broadcast=${broadcast.id}`, '-o', 'name'])
        return pods.trim() === '' ? true : notYet(pods)
      })
      await kubectl(['delete', 'broadcast', broadcast.id, '--timeout=60s'])
    })
  },
)
