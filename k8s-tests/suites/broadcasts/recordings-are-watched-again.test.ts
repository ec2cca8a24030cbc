import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testIds } from '@mytaek1/storefront/test-ids.ts'
import { publish } from '../../framework/broadcaster.ts'
import { readBroadcast, waitForCondition } from '../../framework/broadcast-status.ts'
import { openPage } from '../../framework/browser.ts'
import { call, expectStatus } from '../../framework/http.ts'
import { applyBroadcast, removeBroadcasts } from '../../framework/own-broadcast.ts'
import { createProduct, endBroadcast, signUp } from '../../framework/people.ts'
import { doors, kubectl } from '../../framework/platform-under-test.ts'
import { probe, readText } from '../../framework/playlist.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const recordingUrl = (name: string, file: string) => `${doors.http}/hls/${name}/recording/${file}`
const sourceUrl = (name: string) => recordingUrl(name, 'source/media.m3u8')
const segmentsOf = (playlist: string) => playlist.split('\n').filter((line) => line.startsWith('seg-'))
/** Every process that recorded has a name of its own in its segments' names. */
const takesOf = (playlist: string) => [...new Set(segmentsOf(playlist).map((name) => name.split('-')[1]))]

const ended = (name: string, seconds: number) =>
  waitFor(`the recording of ${name} to end`, seconds, async () => {
    const playlist = await readText(sourceUrl(name))
    return playlist.endsWith('#EXT-X-ENDLIST\n') ? playlist : notYet(playlist.slice(-300))
  })

const podsOf = async (name: string) =>
  (await kubectl(['get', 'pods', '-l', `live.mytaek1.dev/broadcast=${name}`, '-o', 'name'])).trim()

test('a seller has a broadcast recorded, and it is watched after its end', { timeout: 600_000 }, async (t) => {
  const seller = await signUp('seller')
  const productId = await createProduct(seller, { name: 'teapot', price: 40_000, stock: 5 })
  const { body: broadcast } = await expectStatus(201, 'POST', '/api/commerce/v1/broadcasts', {
    token: seller.token,
    body: { title: 'kept for later', productIds: [productId], recording: true },
  })
  const id = String(broadcast['id'])
  t.after(() => endBroadcast(seller, id))
  assert.match(String(broadcast['recordingUrl']), new RegExp(`/hls/${id}/recording/index\\.m3u8$`))
  assert.equal((await call('GET', `/hls/${id}/recording/index.m3u8`)).status, 404)
  const encoder = publish(t, seller.streamKey, { width: 640, height: 360 })
  await waitForCondition(id, 'Playable', 'True')
  assert.equal((await readBroadcast(id)).status?.recording?.state, 'Recording')

  await t.test('it can be watched while it goes on', async () => {
    const playlist = await waitFor('segments of it', 90, async () => {
      const { status, text } = await call('GET', new URL(sourceUrl(id)).pathname)
      return status === 200 && segmentsOf(text).length >= 3 ? text : notYet(text.slice(0, 300))
    })
    assert.match(playlist, /#EXT-X-PLAYLIST-TYPE:EVENT\n/)
  })

  await t.test('its end closes it: all of it is there, with every quality, and the object says so', async () => {
    await endBroadcast(seller, id)
    await encoder.ended
    await waitFor('the recording to be closed', 90, async () => {
      const { status } = await readBroadcast(id)
      return status?.recording?.state === 'Closed' ? true : notYet(status)
    })
    const playlist = await ended(id, 20)
    assert.match(playlist, /#EXT-X-PLAYLIST-TYPE:VOD\n/)
    assert.equal(takesOf(playlist).length, 1)
    assert.doesNotMatch(playlist, /#EXT-X-GAP/)
    for (const name of segmentsOf(playlist)) {
      const segment = await call('GET', new URL(name, sourceUrl(id)).pathname)
      assert.equal(segment.status, 200, name)
      assert.match(segment.headers.get('cache-control') ?? '', /immutable/)
    }
    assert.deepEqual((await probe(sourceUrl(id))).toSorted(), ['aac', 'h264,640,360'])
    const index = await readText(recordingUrl(id, 'index.m3u8'))
    assert.match(index, /CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2",RESOLUTION=640x360/)
  })

  await t.test('when its Pod is gone, the watch page plays it', async () => {
    await waitFor('the Pod to go', 90, async () => {
      const pods = await podsOf(id)
      return pods === '' ? true : notYet(pods)
    })
    const { page, errors, screenshot } = await openPage(t)
    await page.goto(`${doors.http}/watch/${id}`)
    const video = page.locator(`[data-testid="${testIds.video}"][data-player-state="ready"]`)
    await video.waitFor({ timeout: 60_000 })
    await video.evaluate((element) => (element as HTMLVideoElement).play())
    await waitFor('three seconds of it', 90, async () => {
      const time = await video.evaluate((element) => (element as HTMLVideoElement).currentTime)
      return time >= 3 ? time : notYet(time)
    })
    await screenshot('recording')
    assert.deepEqual(errors, [])
  })
})

test(
  'a Pod that is killed leaves what it had stored; its successor goes on, and nobody is needed to close it',
  { timeout: 600_000 },
  async (t) => {
    const { name, streamKey } = await applyBroadcast('kept', { recording: true })
    t.after(() => removeBroadcasts(name))
    const encoder = publish(t, streamKey, { width: 640, height: 360 })
    const live = await waitForCondition(name, 'Playable', 'True')
    const kill = async (pod: string | undefined) =>
      await kubectl(['delete', 'pod', String(pod), '--grace-period=0', '--force'])
    const first = await waitFor('a first recording', 90, async () => {
      const { status, text } = await call('GET', new URL(sourceUrl(name)).pathname)
      return status === 200 && segmentsOf(text).length >= 3 ? text : notYet(text.slice(0, 300))
    })

    await kill(live.status?.podName)
    const second = await waitFor('segments of another process', 120, async () => {
      const playlist = await readText(sourceUrl(name))
      return takesOf(playlist).length === 2 ? playlist : notYet(playlist.slice(-300))
    })
    assert.ok(second.startsWith(first.trimEnd()), 'nothing of the first is lost')
    assert.match(second, /#EXT-X-DISCONTINUITY\n#EXT-X-MAP/)
    assert.doesNotMatch(second, /ENDLIST/)
    assert.equal(encoder.running(), true, encoder.words())

    await kill((await readBroadcast(name)).status?.podName)
    await kubectl(['patch', 'broadcast', name, '--type=merge', '-p', '{"spec":{"state":"Ended"}}'])
    const whole = await ended(name, 120)
    assert.deepEqual(takesOf(whole).slice(0, 2), takesOf(second))
    assert.ok(segmentsOf(whole).length > segmentsOf(second).length)

    await kubectl(['delete', 'broadcast', name, '--timeout=90s'])
    assert.deepEqual(segmentsOf(await ended(name, 20)), segmentsOf(whole))
    for (const file of ['../images/x.avif', 'chapters/', 'source/seg-0.m4s', 'source/..%2f..%2fimages/x.avif'])
      assert.equal((await fetch(recordingUrl(name, file))).status, 404, file)
  },
)
