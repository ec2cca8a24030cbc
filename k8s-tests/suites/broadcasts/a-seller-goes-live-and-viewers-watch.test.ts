import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testIds } from '@mytaek1/storefront/test-ids.ts'
import { publish } from '../../framework/broadcaster.ts'
import { waitForCondition } from '../../framework/broadcast-status.ts'
import { openPage } from '../../framework/browser.ts'
import { createProduct, endBroadcast, openBroadcast, signUp } from '../../framework/people.ts'
import { doors, kubectl, kubectlJson } from '../../framework/platform-under-test.ts'
import { probe, readMediaSequence, readRenditions, readText } from '../../framework/playlist.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

test('from sign-up to a picture in the browser, through every door', { timeout: 600_000 }, async (t) => {
  const seller = await signUp('seller')
  const productId = await createProduct(seller, { name: '감귤 5kg', price: 19_900, stock: 20 })
  const broadcast = await openBroadcast(seller, '제주 감귤 라이브', [productId])
  t.after(() => endBroadcast(seller, broadcast.id))
  const encoder = publish(t, seller.streamKey)

  await t.test('kubectl shows the Broadcast, and the operator made its Pod', async () => {
    const ready = await waitForCondition(broadcast.id, 'Playable', 'True')
    assert.match(await kubectl(['get', 'bc']), new RegExp(`${broadcast.id}.*Live`))
    const pod = (await kubectlJson(['get', 'pod', String(ready.status?.podName), '--show-managed-fields'])) as {
      metadata: { labels: Record<string, string>; managedFields: { manager: string }[] }
      status: { podIP: string }
    }
    assert.equal(pod.metadata.labels['live.mytaek1.dev/broadcast'], broadcast.id)
    assert.equal(pod.metadata.labels['app.kubernetes.io/component'], 'stream')
    assert.match(pod.metadata.managedFields.map(({ manager }) => manager).join(), /operator/)
    assert.equal(pod.status.podIP, ready.status?.podIP)
  })

  await t.test('the playlist lists two or more renditions, and ffprobe reads picture and sound from each', async () => {
    const renditions = await waitFor('two renditions', 90, async () => {
      const found = await readRenditions(broadcast.id)
      return found.length >= 2 ? found : notYet(found)
    })
    for (const rendition of renditions) {
      const streams = await probe(rendition.url)
      const resolution = /RESOLUTION=(\d+)x(\d+)/.exec(rendition.attributes)
      assert.ok(
        streams.includes(`h264,${resolution?.[1]},${resolution?.[2]}`),
        `${rendition.attributes}: ${streams.join(' ')}`,
      )
      assert.ok(streams.includes('aac'), streams.join(' '))
    }
  })

  await t.test('the media playlist goes on and is low-latency', async () => {
    const [source] = await readRenditions(broadcast.id)
    assert.ok(source)
    const playlist = await readText(source.url)
    for (const tag of [
      '#EXT-X-PART-INF',
      '#EXT-X-SERVER-CONTROL:',
      'CAN-BLOCK-RELOAD=YES',
      '#EXT-X-PRELOAD-HINT',
      '#EXT-X-PROGRAM-DATE-TIME',
    ]) {
      assert.ok(playlist.includes(tag), `${tag} is missing in\n${playlist}`)
    }
    const before = await readMediaSequence(source.url)
    const last = (text: string) => [...text.matchAll(/seg-(\d+)/g)].at(-1)?.[1]
    await waitFor('a new segment', 90, async () => {
      const now = await readText(source.url)
      return last(now) !== last(playlist) ? now : notYet(last(now))
    })
    assert.ok((await readMediaSequence(source.url)) >= before)
  })

  await t.test('Chromium plays it on the watch page, and the quality menu changes the rendition', async () => {
    const { page, errors, screenshot } = await openPage(t)
    await page.goto(`${doors.http}/watch/${broadcast.id}`)
    const video = page.getByTestId(testIds.video)
    const picture = () =>
      video.evaluate((element) => {
        const player = element as HTMLVideoElement
        return {
          time: player.currentTime,
          frames: player.getVideoPlaybackQuality().totalVideoFrames,
          height: player.videoHeight,
        }
      })
    const begun = await waitFor('the picture to move', 90, async () => {
      const now = await picture()
      return now.time > 0 && now.frames > 0 ? now : notYet(now)
    })
    const later = await waitFor('ten seconds of playback', 90, async () => {
      const now = await picture()
      return now.time - begun.time >= 10 ? now : notYet(now)
    })
    assert.ok(later.frames - begun.frames > 100, `${later.frames - begun.frames} frames were decoded in ten seconds`)
    await screenshot('watch-page')
    for (const name of ['source', '360p']) {
      await page.getByTestId(testIds.qualityMenu).click()
      await page.getByTestId(testIds.qualityOption(name)).click()
      const height = name === 'source' ? 720 : 360
      await waitFor(`a picture ${height} lines high`, 90, async () => {
        const now = await picture()
        return now.height === height ? now : notYet(now)
      })
    }
    await screenshot('watch-page-360p')
    assert.deepEqual(errors, [])
  })

  await t.test('the list shows the broadcast while it is live', async () => {
    const { page, screenshot } = await openPage(t)
    await page.goto(doors.http)
    await page.getByTestId(testIds.broadcastCard(broadcast.id)).waitFor()
    await screenshot('list-page')
  })

  await t.test('when the seller ends it, viewers get an ended playlist and the Pod goes', async () => {
    const [source] = await readRenditions(broadcast.id)
    await endBroadcast(seller, broadcast.id)
    await waitFor('EXT-X-ENDLIST', 90, async () => {
      const playlist = await readText(source?.url ?? '')
      return playlist.includes('#EXT-X-ENDLIST') ? true : notYet(playlist.slice(-300))
    })
    await waitFor('the encoder to be told', 90, async () =>
      encoder.running() ? notYet(encoder.words().slice(-300)) : true,
    )
    await waitFor('the Pod to go', 90, async () => {
      const pods = await kubectl(['get', 'pods', '-l', `live.mytaek1.dev/broadcast=${broadcast.id}`, '-o', 'name'])
      return pods.trim() === '' ? true : notYet(pods)
    })
  })
})
