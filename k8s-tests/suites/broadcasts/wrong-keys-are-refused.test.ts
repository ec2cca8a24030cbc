import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publish } from '../../framework/broadcaster.ts'
import { readBroadcast } from '../../framework/broadcast-status.ts'
import { expectStatus } from '../../framework/http.ts'
import { createProduct, endBroadcast, openBroadcast, signUp } from '../../framework/people.ts'
import { kubectl } from '../../framework/platform-under-test.ts'
import { multivariantUrl } from '../../framework/playlist.ts'

test(
  'an unknown, an empty and a revoked key are refused with a status, and leave no Pod and no playlist',
  { timeout: 600_000 },
  async (t) => {
    const seller = await signUp('seller')
    const productId = await createProduct(seller, { name: 'mug', price: 9_900, stock: 5 })
    const broadcast = await openBroadcast(seller, 'wrong keys', [productId])
    t.after(() => endBroadcast(seller, broadcast.id))
    const rotated = await expectStatus(200, 'POST', '/api/commerce/v1/stream-key/rotate', { token: seller.token })
    assert.notEqual(rotated.body['streamKey'], seller.streamKey)

    const cases = { unknown: 'live_0123456789abcdef0123456789abcdef', empty: '', revoked: seller.streamKey }
    for (const [name, key] of Object.entries(cases)) {
      await t.test(`${name} key`, async (t) => {
        const encoder = publish(t, key)
        assert.notEqual(await encoder.ended, 0)
        // ffmpeg prints the description of an onStatus whose level is error
        assert.match(encoder.words(), /Server error: |Error opening output/i)
        assert.match(encoder.words(), /stream key/i, encoder.words())
        assert.doesNotMatch(encoder.words(), /frame=\s*[1-9]/)
      })
    }

    await t.test('nothing came of it', async () => {
      const { status } = await readBroadcast(broadcast.id)
      assert.equal(status?.publisher ?? undefined, undefined)
      assert.equal(status?.podName, undefined)
      assert.equal(await kubectl(['get', 'pods', '-l', `live.mytaek1.dev/broadcast=${broadcast.id}`, '-o', 'name']), '')
      const playlist = await fetch(multivariantUrl(broadcast.id))
      await playlist.body?.cancel()
      assert.ok([404, 503].includes(playlist.status), `the playlist answered ${playlist.status}`)
    })
  },
)
