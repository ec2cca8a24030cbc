/** The door: nginx before the edge. What it does is tested beside the edge, with the same files. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type TestContext, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { z } from 'zod'
import { freePort } from '@mytaek1/platform/testing/parts.ts'
import { find, podsOf, renderChart, renderText } from './helm.ts'

const on = 'edge.door.enabled=true'
const withTls = 'edge.door.tls.secretName=cert'
const serviceShape = z.looseObject({
  type: z.string().optional(),
  externalTrafficPolicy: z.string().optional(),
  ports: z.array(z.looseObject({ name: z.string(), port: z.number(), targetPort: z.string() })),
})
const portsOf = async (name: string, ...sets: string[]) =>
  serviceShape
    .parse(find(await renderChart(...sets), 'Service', name).spec)
    .ports.map(({ port, targetPort }) => `${port} ${targetPort}`)

suite('the door', () => {
  test('none unless asked for, and then the edge hears no log', async () => {
    assert.doesNotMatch(await renderText(), /mytaek1-door|DOOR/)
    assert.deepEqual(await portsOf('mytaek1-edge'), ['8080 http'])
  })

  test('a load balancer of its own that keeps addresses, with TLS where a certificate is named', async () => {
    const service = serviceShape.parse(find(await renderChart(on), 'Service', 'mytaek1-door').spec)
    assert.deepEqual([service.type, service.externalTrafficPolicy], ['LoadBalancer', 'Local'])
    assert.deepEqual(await portsOf('mytaek1-door', on), ['80 http'])
    assert.deepEqual(await portsOf('mytaek1-door', on, withTls), ['80 http', '443 https'])
  })

  test('its public address is handed out with broadcasts, by the shop and in their status, and pages may read from it', async () => {
    const envOf = async (component: string, ...sets: string[]) => {
      const pod = podsOf(await renderChart(on, ...sets)).get(`Deployment/mytaek1-${component}`)?.spec
      return pod?.containers[0]?.env.find(({ name }) => name === 'PUBLIC_HLS_URL')?.value
    }
    for (const component of ['commerce', 'operator', 'storefront']) {
      assert.equal(await envOf(component, 'public.hlsUrl=https://live.example'), 'https://live.example')
      assert.equal(await envOf(component), undefined)
    }
  })

  test('the edge hears the log at the port where the door sends it', async () => {
    const objects = await renderChart(on)
    assert.match(
      find(objects, 'ConfigMap', 'mytaek1-door').data['nginx.conf'] ?? '',
      /syslog:server=mytaek1-edge:5140,\S+ viewers .*syslog:server=mytaek1-edge:5140,\S+ waits;/s,
    )
    assert.deepEqual(await portsOf('mytaek1-edge', on), ['8080 http', '5140 door-log'])
    const [edge] = podsOf(objects).get('Deployment/mytaek1-edge')?.spec.containers ?? []
    assert.equal(edge?.env.find(({ name }) => name === 'EDGE_DOOR_LOG_PORT')?.value, '5140')
    assert.equal(edge?.ports.find(({ name }) => name === 'door-log')?.containerPort, 5140)
  })

  test('it is scaled, spread, probed and kept from leaving at once like any other', async () => {
    const objects = await renderChart(on, 'edge.door.autoscaling.maxReplicas=5')
    const scaler = z
      .looseObject({ maxReplicas: z.number(), scaleTargetRef: z.looseObject({ name: z.string() }) })
      .parse(find(objects, 'HorizontalPodAutoscaler', 'mytaek1-door').spec)
    assert.deepEqual([scaler.maxReplicas, scaler.scaleTargetRef.name], [5, 'mytaek1-door'])
    assert.equal(find(objects, 'PodDisruptionBudget', 'mytaek1-door').spec['maxUnavailable'], 1)
    const pod = podsOf(objects).get('Deployment/mytaek1-door')?.spec
    const [nginx] = pod?.containers ?? []
    assert.deepEqual(nginx?.readinessProbe?.httpGet, { path: '/readyz', port: 'admin' })
    assert.equal(nginx?.securityContext.readOnlyRootFilesystem, true)
    assert.equal(pod?.automountServiceAccountToken, false)
    const volumes = pod?.volumes.map(({ name }) => name) ?? []
    for (const { name } of nginx?.volumeMounts ?? []) assert.ok(volumes.includes(name), name)
  })

  test('nginx takes the files as they are rendered', async (t) => {
    const config = await written(t, [on, withTls], {})
    const { stderr } = await promisify(execFile)('nginx', ['-t', '-e', 'stderr', '-c', config])
    assert.match(stderr, /test is successful/)
  })

  test('with them, as the user of its Pod, nginx is ready, answers from its cache and tells the edge', async (t) => {
    const running: { nginx?: ChildProcess } = {}
    t.after(async () => {
      if (running.nginx === undefined) return
      const ended = once(running.nginx, 'exit')
      if (running.nginx.kill('SIGTERM')) await ended
    })
    const asked: string[] = []
    const edge = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(200, { 'cache-control': 'public, max-age=900' }).end('#EXTM3U\n')
    }).listen(0, '127.0.0.1')
    await once(edge, 'listening')
    t.after(() => edge.close())
    const log = createSocket('udp4').bind(0, '127.0.0.1')
    await once(log, 'listening')
    t.after(() => log.close())
    const ports = { http: await freePort(), fetch: await freePort(), admin: await freePort() }
    const config = await written(t, [on], {
      'mytaek1-edge:8080': `127.0.0.1:${(edge.address() as AddressInfo).port}`,
      'mytaek1-edge:5140': `127.0.0.1:${log.address().port}`,
      'listen 8080': `listen 127.0.0.1:${ports.http}`,
      'listen 127.0.0.1:8081': `listen 127.0.0.1:${ports.fetch}`,
      'fetch_port 8081': `fetch_port ${ports.fetch}`,
      'listen 9090': `listen 127.0.0.1:${ports.admin}`,
    })
    const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {}
    const command = ['-c', config, '-e', 'stderr', '-g', 'daemon off;']
    running.nginx = spawn('nginx', command, { ...user, stdio: ['ignore', 'inherit', 'inherit'] })
    await ready(`http://127.0.0.1:${ports.admin}/readyz`)
    const target = '/hls/b-1/source/media.m3u8?_HLS_msn=7&_HLS_part=0'
    for (let viewer = 0; viewer < 3; viewer++) {
      const line = once(log, 'message')
      assert.equal(await (await fetch(`http://127.0.0.1:${ports.http}${target}`)).text(), '#EXTM3U\n')
      assert.ok(String((await line)[0]).endsWith(`door: ${target} - 127.0.0.1`))
    }
    assert.deepEqual(asked, [target])
  })
})

/** Writes the rendered files into a folder, with other places and these `changes` of nginx.conf. @returns its path. */
async function written(t: TestContext, sets: string[], changes: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mytaek1-door-chart-'))
  t.after(() => rm(folder, { recursive: true }))
  await chmod(folder, 0o755)
  for (const name of ['cache', 'tmp']) {
    await mkdir(path.join(folder, name))
    await chmod(path.join(folder, name), 0o777)
  }
  const { data } = find(await renderChart(...sets), 'ConfigMap', 'mytaek1-door')
  for (const [name, text] of Object.entries(data)) {
    let here = text
    for (const [what, by] of Object.entries(changes)) here = here.replaceAll(what, by)
    here = here
      .replaceAll('mytaek1-edge', '127.0.0.1')
      .replaceAll(/ \/(cache|tmp)\b/g, ` ${folder}/$1`)
      .replaceAll('/etc/door', folder)
    await writeFile(path.join(folder, name), here)
  }
  return path.join(folder, 'nginx.conf')
}

async function ready(url: string): Promise<void> {
  const until = Date.now() + 120_000
  for (;;) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok === true) return
    if (Date.now() > until) throw new Error(`${url} does not answer`)
    await wait(20)
  }
}
