/** The door: nginx before the edge. What it does is tested beside the edge, with the same files. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite, test } from 'node:test'
import { promisify } from 'node:util'
import { z } from 'zod'
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
    const folder = await mkdtemp(path.join(tmpdir(), 'mytaek1-door-chart-'))
    t.after(() => rm(folder, { recursive: true }))
    await mkdir(path.join(folder, 'cache'))
    const { data } = find(await renderChart(on, withTls), 'ConfigMap', 'mytaek1-door')
    for (const [name, text] of Object.entries(data)) {
      const here = text
        .replaceAll('mytaek1-edge', '127.0.0.1')
        .replaceAll(/ \/(cache|tmp)\b/g, ` ${folder}/$1`)
        .replaceAll('/etc/door', folder)
      await writeFile(path.join(folder, name), here)
    }
    await mkdir(path.join(folder, 'tmp'))
    const { stderr } = await promisify(execFile)('nginx', ['-t', '-e', 'stderr', '-c', path.join(folder, 'nginx.conf')])
    assert.match(stderr, /test is successful/)
  })
})
