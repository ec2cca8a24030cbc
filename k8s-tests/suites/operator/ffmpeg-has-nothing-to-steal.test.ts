import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { publish } from '../../framework/broadcaster.ts'
import { readBroadcast, waitForCondition } from '../../framework/broadcast-status.ts'
import { applyBroadcast, removeBroadcasts } from '../../framework/own-broadcast.ts'
import { kubectl, kubectlJson } from '../../framework/platform-under-test.ts'
import { readRenditions, readText } from '../../framework/playlist.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const podShape = z.object({
  metadata: z.object({ uid: z.string() }),
  status: z.object({ initContainerStatuses: z.array(z.object({ name: z.string(), restartCount: z.number() })) }),
})

const newestSegment = async (url: string) => Number([...(await readText(url)).matchAll(/seg-(\d+)/g)].at(-1)?.[1] ?? 0)

test(
  "ffmpeg's container has no token and no keys, and its end is not the stream's",
  { timeout: 600_000 },
  async (t) => {
    const broadcast = await applyBroadcast('box', { ladder: [{ height: 180, bitrateBps: 200_000 }] })
    t.after(() => removeBroadcasts(broadcast.name))
    publish(t, broadcast.streamKey)
    await waitForCondition(broadcast.name, 'Playable', 'True')
    const renditions = await waitFor('a rung beside the source', 90, async () => {
      const found = await readRenditions(broadcast.name)
      return found.length === 2 ? found : notYet(found)
    })
    const pod = (await readBroadcast(broadcast.name)).status?.podName ?? ''
    const inside = (container: string, script: string) =>
      kubectl(['exec', pod, '-c', container, '--', 'sh', '-c', script])
    const programs = 'cat /proc/[0-9]*/comm'

    await t.test('ffmpeg runs there and not beside the token', async () => {
      assert.match(await inside('transcoder', programs), /^ffmpeg$/m)
      assert.doesNotMatch(await inside('stream', programs), /^ffmpeg$/m)
      assert.match(await inside('stream', 'head -c 3 /var/run/secrets/kubernetes.io/serviceaccount/token'), /^eyJ$/)
    })

    await t.test('nothing there is a token, a key or a way to one', async () => {
      assert.equal((await inside('transcoder', 'ls -A /var/run/secrets /run/secrets 2>/dev/null || true')).trim(), '')
      const mounts = await inside('transcoder', 'cut -d " " -f 2 /proc/self/mounts')
      assert.doesNotMatch(mounts, /secret|serviceaccount/i)
      const variables = await inside(
        'transcoder',
        'cat /proc/[0-9]*/environ | tr "\\0" "\\n" | cut -d = -f 1 | sort -u',
      )
      assert.match(variables, /^TRANSCODER_DIR$/m)
      assert.doesNotMatch(variables, /S3|KEY|TOKEN|PASSWORD|SECRET/)
      assert.match(await inside('transcoder', 'touch /app/x /tmp/x 2>&1 || true'), /Read-only file system/)
    })

    await t.test('the transcoder ends: viewers of the source notice nothing, the rung comes back', async () => {
      const before = podShape.parse(await kubectlJson(['get', 'pod', pod]))
      const [source, rung] = await Promise.all(renditions.map(({ url }) => newestSegment(url)))
      await inside('transcoder', 'kill -TERM 1')
      for (const [index, seen] of [source ?? 0, rung ?? 0].entries()) {
        const { url } = renditions[index] ?? { url: '' }
        await waitFor('newer segments', 90, async () => {
          const newest = await newestSegment(url)
          return newest > seen + 3 ? newest : notYet(newest)
        })
      }
      const after = await waitFor('the container to be counted as restarted', 90, async () => {
        const now = podShape.parse(await kubectlJson(['get', 'pod', pod]))
        return now.status.initContainerStatuses[0]?.restartCount === 1 ? now : notYet(now.status)
      })
      assert.equal(after.metadata.uid, before.metadata.uid)
      assert.equal((await readBroadcast(broadcast.name)).status?.podUID, before.metadata.uid)
      const encoding = await waitFor('ffmpeg to run again', 90, async () => {
        const found = await inside('transcoder', programs)
        return found.includes('ffmpeg') ? found : notYet(found)
      })
      assert.match(encoding, /^ffmpeg$/m)
    })
  },
)
