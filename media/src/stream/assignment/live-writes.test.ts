/** One live stream, its real process, a real apiserver: what watchers of its Broadcast are woken by in 20 s. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { liveApi, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { leases } from '@mytaek1/platform/kubernetes/lease.ts'
import { startReflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { freePort } from '@mytaek1/platform/testing/parts.ts'
import { connectPatiently } from '@mytaek1/platform/testing/patient-api.ts'
import { find, renderChart } from '../../../../charts/mytaek1/tests/helm.ts'
import { startLocalApiserver } from '../../../../k8s-tests/cluster/node/local-apiserver.ts'
import { hashStreamKey } from '../../ingest/key-table.ts'

const namespace = 'default'
const name = 'b-1'
const podName = 'stream-1'
const watchedMs = 20_000

test('a live stream writes its Broadcast at most twice in 20 s, and its Lease', { timeout: 300_000 }, async (t) => {
  const server = await startLocalApiserver()
  t.after(() => server.stop())
  const api = await connectPatiently({ kubeconfig: server.kubeconfigPath })
  t.after(() => api.close())
  const definition = find(await renderChart(), 'CustomResourceDefinition', 'broadcasts.live.mytaek1.dev')
  await api.call({ method: 'POST', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body: definition })
  const spec = { title: 't', seller: 's', streamKey: { sha256: hashStreamKey('key').toString('hex') }, ladder: [] }
  const body = { apiVersion: liveApi.apiVersion, kind: 'Broadcast', metadata: { name }, spec }
  const create = () => api.create(broadcasts, { namespace }, body).catch(() => wait(200))
  while (!(await create())); // the definition is served soon
  const seen: Broadcast[] = []
  const changed = Promise.withResolvers<void>()
  const follower = startReflector({
    api,
    resource: broadcasts,
    namespace,
    log: createLogger({ service: 'test', level: 'error' }),
    onChange: (broadcast) => {
      seen.push(broadcast)
      const isPlayable = broadcast.status?.conditions?.some((one) => one.type === 'Playable' && one.status === 'True')
      if (isPlayable) changed.resolve()
    },
  })
  t.after(() => follower.stop())
  const assign = { type: 'merge', body: { status: { podName } } } as const
  await api.patch(broadcasts, { namespace, name, subresource: 'status' }, assign)

  const rtmpPort = await freePort()
  const pod = spawn(process.execPath, ['media/src/main.ts', 'stream'], {
    env: {
      PATH: process.env['PATH'],
      KUBECONFIG: server.kubeconfigPath,
      NAMESPACE: namespace,
      POD_NAME: podName,
      POD_UID: '7c1f0a52-0000-4000-8000-000000000001',
      RTMP_PORT: String(rtmpPort),
      PORT: '0',
      ADMIN_PORT: '0',
      DATA_DIR: server.folder,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => pod.kill('SIGKILL'))
  const lines = createInterface({ input: pod.stdout })
  for await (const line of lines) if (line.includes('stream.ready')) break
  pod.stdout.resume()
  const picture = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30']
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440']
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '60', '-pix_fmt', 'yuv420p', '-c:a', 'aac']
  const url = `rtmp://127.0.0.1:${rtmpPort}/live/key`
  const encoder = spawn('ffmpeg', ['-v', 'error', ...picture, ...sound, ...codecs, '-f', 'flv', url])
  t.after(() => encoder.kill('SIGKILL'))
  await Promise.race([changed.promise, once(encoder, 'exit').then(() => assert.fail('the encoder ended'))])
  await wait(3_000) // its first segments are told

  /** What is written in 20 s. */
  const written = async () => {
    const before = seen.length
    await wait(watchedMs)
    return seen.slice(before)
  }
  let writes = await written()
  // where the stream itself stood still that is news, which says nothing of one that goes on
  for (let again = 0; writes.length > 2 && writes.some(isInterrupted) && again < 3; again += 1) writes = await written()
  assert.ok(writes.length <= 2, `${writes.length} writes: ${JSON.stringify(writes)}`)
  const lease = await api.get(leases, { namespace, name: podName })
  assert.equal(lease.spec.holderIdentity, podName)
})

function isInterrupted({ status }: Broadcast): boolean {
  return status?.conditions?.some(({ type, reason }) => type === 'Publishing' && reason === 'Interrupted') ?? false
}
