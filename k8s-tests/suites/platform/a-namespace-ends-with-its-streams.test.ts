/** A second release in a namespace of its own: it is the only one there, and `kubectl delete namespace` takes all of it away. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { broadcastShape } from '@mytaek1/contracts/broadcast-resource.ts'
import { startEncoder } from '../../framework/broadcaster.ts'
import { newBroadcast } from '../../framework/own-broadcast.ts'
import { helm, kubectl, kubectlJson, namespace as mainNamespace, release } from '../../framework/platform-under-test.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const chart = path.resolve(import.meta.dirname, '../../../charts/mytaek1')
const name = `ends-${randomBytes(2).toString('hex')}`
const mostSeconds = 60
const scaled = ['commerce', 'payment', 'storefront', 'ingest', 'edge']
const small = [
  ...scaled.flatMap((one) => [`${one}.autoscaling.enabled=false`, `${one}.replicas=1`]),
  // the definitions and the addresses are those of the first release
  'crds.enabled=false',
  'ingress.enabled=false',
].flatMap((set) => ['--set', set])

const here = (...args: string[]) => [...args, '--namespace', name]
let images: string

before(async () => {
  const values = await helm(['get', 'values', release, '--namespace', mainNamespace, '--output', 'json'])
  images = JSON.stringify({ images: (JSON.parse(values) as { images: unknown }).images })
  const how = ['--create-namespace', '--wait', '--timeout', '8m', '--values', '-']
  await helm(here('install', name, chart, ...small, ...how), { input: images })
})

after(async () => {
  await kubectl(['delete', 'namespace', name, '--ignore-not-found', '--wait=false'])
  // what is of the whole cluster goes with a Helm release, not with a namespace
  const kinds = 'validatingadmissionpolicies,validatingadmissionpolicybindings'
  await kubectl(['delete', kinds, '-l', `app.kubernetes.io/instance=${name}`])
})

test('a second release that is applied there is refused by name, and its operator does not start', async () => {
  const parts = ['release/guard', 'operator/deployment', 'operator/serviceaccount', 'stream/template']
  const shown = parts.flatMap((part) => ['--show-only', `templates/${part}.yaml`])
  const values = ['--values', '-']
  const second = await helm(here('template', 'late', chart, ...shown, ...values), { input: images })
  await assert.rejects(
    kubectl(here('apply', '-f', '-'), { input: second }),
    /"mytaek1-one-release-a-namespace" is invalid.*immutable/,
  )
  const why = await waitFor('the second operator to be stopped', 90, async () => {
    const pods = (await kubectlJson(here('get', 'pods', '-l', 'app.kubernetes.io/instance=late'))) as {
      items: { status: { containerStatuses?: { state: { waiting?: { reason: string; message?: string } } }[] } }[]
    }
    const waiting = pods.items[0]?.status.containerStatuses?.[0]?.state.waiting
    return waiting?.reason === 'CreateContainerConfigError' ? waiting.message : notYet(pods.items[0]?.status)
  })
  assert.match(why ?? '', /couldn't find key late in ConfigMap .*one-release-a-namespace/)
  await kubectl(here('delete', '-f', '-', '--wait=false'), {
    input: second.split('---\n').filter(isOfSecond).join('---\n'),
  })
})

test(
  `kubectl delete namespace ends a live broadcast and takes at most ${mostSeconds} s`,
  { timeout: 600_000 },
  async (t) => {
    const broadcast = newBroadcast('doomed')
    await kubectl(here('create', '-f', '-'), { input: JSON.stringify(broadcast.body) })
    const address = await waitFor('an address for encoders', 90, async () => {
      const service = (await kubectlJson(here('get', 'service', `${name}-rtmp`))) as {
        status: { loadBalancer: { ingress?: { ip?: string; hostname?: string }[] } }
      }
      const [first] = service.status.loadBalancer.ingress ?? []
      return first?.ip ?? first?.hostname ?? notYet(service.status)
    })
    const encoder = startEncoder(broadcast.streamKey, { width: 640, height: 360, door: `rtmp://${address}:1935/live` })
    t.after(() => encoder.stop())
    await waitFor('a picture', 90, async () => {
      const { status } = broadcastShape.parse(await kubectlJson(here('get', 'broadcast', broadcast.name)))
      const playable = status?.conditions?.find(({ type }) => type === 'Playable')
      return playable?.status === 'True' ? true : notYet([status, encoder.words().slice(-300)])
    })
    const startedAt = performance.now()
    const code = encoder.ended.then((ended) => ({ ended, seconds: (performance.now() - startedAt) / 1_000 }))
    await kubectl(['delete', 'namespace', name, '--timeout=300s'], { timeoutMs: 310_000 }).catch(
      async (error: unknown) => {
        const left = await kubectl(['get', 'namespace', name, '-o', 'jsonpath={.status.conditions}']).catch(String)
        throw new Error(`the namespace stays: ${left}`, { cause: error })
      },
    )
    const seconds = (performance.now() - startedAt) / 1_000
    const { seconds: encoderSeconds } = await code
    t.diagnostic(`gone after ${seconds.toFixed(1)} s; its encoder was told after ${encoderSeconds.toFixed(1)} s`)
    assert.ok(seconds <= mostSeconds, `${seconds.toFixed(1)} s`)
  },
)

const isOfSecond = (document: string) => /^ {2}name: late-/m.test(document)
