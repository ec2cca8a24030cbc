/**
 * Eviction and drain, mid-stream. The embedded cluster has one node, and `kubectl drain` cordons it: a Pod made then would
 * wait for ever. So the drain is shown with a warm Pod there (adopting needs no scheduler), and the move to a Pod that is
 * made for it by the same eviction request, sent without the cordon. With several nodes both are one case.
 */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { standApart } from '@mytaek1/platform/testing/stand-apart.ts'
import { publish } from '../../framework/broadcaster.ts'
import { readBroadcast, waitForCondition } from '../../framework/broadcast-status.ts'
import { applyBroadcast, removeBroadcasts } from '../../framework/own-broadcast.ts'
import { followParts } from '../../framework/part-follower.ts'
import { kubectl, kubectlJson, namespace } from '../../framework/platform-under-test.ts'
import { pauseProblems } from '../../framework/pauses.ts'
import { readRenditions } from '../../framework/playlist.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const mostGapMs = 2_000

interface Pods {
  items: { metadata: { name: string }; status: { conditions?: { type: string; status: string }[] } }[]
}

const warmSelector = 'app.kubernetes.io/component=stream,!live.mytaek1.dev/broadcast'

const setBuffer = (pods: number) => kubectl(['scale', 'mediapool', 'default', `--replicas=${pods}`])

async function warmPods(): Promise<string[]> {
  const { items } = (await kubectlJson(['get', 'pods', '-l', warmSelector])) as Pods
  const isReady = ({ status }: Pods['items'][number]) =>
    status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false
  return items.filter(isReady).map(({ metadata }) => metadata.name)
}

const waitForWarmPods = (count: number) =>
  waitFor(`${count} warm Pods`, 90, async () => {
    const pods = await warmPods()
    return pods.length === count ? pods : notYet(pods)
  })

/** The request that `kubectl drain` sends for each Pod. */
async function evict(pod: string): Promise<void> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } }
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`
  await kubectl(['create', '--raw', path, '-f', '-'], { input: JSON.stringify(body) })
}

const podIsGone = (pod: string, seconds: number) =>
  waitFor(`${pod} to be gone`, seconds, async () => {
    const found = await kubectl(['get', 'pod', pod, '--ignore-not-found', '-o', 'name'])
    return found.trim() === '' ? true : notYet(found)
  })

async function goLive(t: TestContext) {
  const broadcast = await applyBroadcast('moves')
  t.after(() => removeBroadcasts(broadcast.name))
  standApart()
  const encoder = publish(t, broadcast.streamKey, { width: 640, height: 360 })
  const live = await waitForCondition(broadcast.name, 'Playable', 'True')
  const [source] = await readRenditions(broadcast.name)
  assert.ok(source)
  const viewer = followParts(source.url)
  t.after(() => viewer.stop())
  await waitFor('a viewer with ten parts', 90, () =>
    Promise.resolve(viewer.parts() >= 10 ? true : notYet(viewer.failures())),
  )
  return { name: broadcast.name, pod: String(live.status?.podName), encoder, viewer, before: live.status }
}

/** What a move must not do to the encoder and to viewers. */
async function assertMoved(t: TestContext, stream: Awaited<ReturnType<typeof goLive>>, sinceMs: number) {
  const { name, pod, encoder, viewer, before } = stream
  const seen = viewer.parts()
  await waitFor('ten more parts', 90, () =>
    Promise.resolve(viewer.parts() >= seen + 10 ? true : notYet(viewer.failures())),
  )
  const after = (await readBroadcast(name)).status
  assert.notEqual(after?.podName, pod)
  assert.equal(encoder.running(), true, encoder.words())
  assert.equal(after?.publisher?.sessionId, before?.publisher?.sessionId, 'the encoder did not connect again')
  assert.equal(after?.publisher?.disconnectedAt, undefined)
  assert.deepEqual(viewer.violations(), [])
  const pauses = { stallMs: viewer.longestGapMs(sinceMs), encoderPauseMs: encoder.longestGapMs(sinceMs) }
  t.diagnostic(`longest times: ${JSON.stringify(pauses)}; other answers: ${JSON.stringify(viewer.failures())}`)
  assert.deepEqual(pauseProblems(pauses, mostGapMs), [])
}

test('kubectl drain moves a live stream to a warm Pod before its Pod leaves', { timeout: 600_000 }, async (t) => {
  t.after(() => setBuffer(1))
  await setBuffer(1)
  const stream = await goLive(t)
  await waitForWarmPods(1)
  const { items } = (await kubectlJson(['get', 'pods', '-l', `live.mytaek1.dev/broadcast=${stream.name}`])) as {
    items: { spec: { nodeName: string } }[]
  }
  const node = String(items[0]?.spec.nodeName)
  t.after(() => kubectl(['uncordon', node]))
  const selector = `--pod-selector=live.mytaek1.dev/broadcast=${stream.name}`
  const sinceMs = performance.now()
  // It returns when the Pod is gone, which takes the Pod's own word that another one has its stream.
  await kubectl(['drain', node, selector, '--delete-emptydir-data', '--timeout=60s'])
  t.diagnostic(`drained in ${Math.round(performance.now() - sinceMs)} ms`)
  await kubectl(['uncordon', node])
  await assertMoved(t, stream, sinceMs)
})

test('an evicted Pod serves on until one that is made for its stream takes over', { timeout: 600_000 }, async (t) => {
  t.after(() => setBuffer(1))
  const stream = await goLive(t)
  await setBuffer(0)
  await waitForWarmPods(0)
  const sinceMs = performance.now()
  await evict(stream.pod)
  await waitFor('another Pod to have it', 90, async () => {
    const { status } = await readBroadcast(stream.name)
    return status?.podName !== stream.pod && status?.podIP ? true : notYet(status)
  })
  t.diagnostic(`another Pod has it after ${Math.round(performance.now() - sinceMs)} ms`)
  await podIsGone(stream.pod, 30)
  await assertMoved(t, stream, sinceMs)
})

test('a warm Pod is evicted at once, and another is made', { timeout: 600_000 }, async (t) => {
  t.after(() => setBuffer(1))
  await setBuffer(1)
  const [warm] = await waitForWarmPods(1)
  assert.ok(warm)
  await evict(warm)
  await podIsGone(warm, 20)
  const [next] = await waitForWarmPods(1)
  assert.notEqual(next, warm)
})
