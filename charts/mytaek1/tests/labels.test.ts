/** Labels: whose they are, what comes before what, and that no key is ever there twice. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { z } from 'zod'
import { componentNames, components, everything, merged, podsWith, valuesOf } from './components.ts'
import { chartFolder, find, helm, objectsOf, podsOf, renderValues, type Rendered } from './helm.ts'

const capabilities = ['gateway.networking.k8s.io/v1/HTTPRoute', 'gateway.networking.k8s.io/v1alpha2/TCPRoute']
const gateway = { enabled: true, parentRefs: [{ name: 'shop' }], rtmpParentRefs: [{ name: 'shop' }] }

/** Values with `labels` wherever an object or its Pods may have some. */
const everywhere = (labels: object): object =>
  merged(
    componentNames.map((component) => valuesOf(component, { pod: { labels } })).reduce(merged),
    merged(serviceLabels(labels), {
      podLabels: labels,
      ingress: { labels },
      gateway: { ...gateway, labels },
      monitoring: { enabled: true, labels, dashboards: { labels } },
    }),
  )
const serviceLabels = (labels: object) => ({
  ...Object.fromEntries(['commerce', 'payment', 'storefront', 'ingest'].map((name) => [name, { service: { labels } }])),
  edge: { service: { labels }, door: { enabled: true, service: { labels } } },
})

async function rendered(values: object): Promise<Rendered[]> {
  return objectsOf(await renderValues(values, capabilities))
}

suite('common labels', () => {
  test('are on every object and every Pod, those of stores and streams too, and select nothing', async () => {
    const objects = await rendered(
      merged(everything, { gateway, monitoring: { enabled: true }, commonLabels: { owner: 'live' } }),
    )
    assert.ok(objects.length > 70)
    for (const { kind, metadata, spec } of objects) {
      assert.equal(metadata.labels['owner'], 'live', `${kind}/${metadata.name}`)
      // what claims are made of cannot be changed
      assert.doesNotMatch(JSON.stringify([spec['selector'] ?? null, spec['volumeClaimTemplates'] ?? null]), /owner/)
    }
    for (const [owner, { metadata }] of podsOf(objects)) assert.equal(metadata.labels['owner'], 'live', owner)
  })

  test('say what the chart would say of itself', async () => {
    const part = { 'app.kubernetes.io/part-of': 'market', 'helm.sh/chart': 'market' }
    for (const { kind, metadata } of await rendered({ commonLabels: part }))
      assert.deepEqual(
        [metadata.labels['app.kubernetes.io/part-of'], metadata.labels['helm.sh/chart']],
        ['market', 'market'],
        `${kind}/${metadata.name}`,
      )
  })
})

suite('the nearest word counts', () => {
  test('of a component’s Pods, then of all Pods, then of all objects', async () => {
    const all = merged(everything, { commonLabels: { team: 'all' } })
    const pods = merged(all, { podLabels: { team: 'pods' } })
    const own = (team: string) =>
      componentNames.map((one) => valuesOf(one, { pod: { labels: { team } } })).reduce(merged, pods)
    for (const [values, team] of [
      [all, 'all'],
      [pods, 'pods'],
      [own('own'), 'own'],
      [own(''), ''],
    ] as const) {
      const rendered = await podsWith(values)
      for (const component of componentNames)
        assert.equal(rendered.get(components[component].owner)?.metadata.labels['team'], team, component)
    }
  })

  test('an object’s own labels come before common ones', async () => {
    const objects = await rendered(merged(everywhere({ team: 'own' }), { commonLabels: { team: 'all' } }))
    for (const [kind, name] of [
      ['Service', 'mytaek1-commerce'],
      ['Service', 'mytaek1-payment'],
      ['Service', 'mytaek1-storefront'],
      ['Service', 'mytaek1-edge'],
      ['Service', 'mytaek1-rtmp'],
      ['Service', 'mytaek1-door'],
      ['Ingress', 'mytaek1'],
      ['HTTPRoute', 'mytaek1'],
      ['TCPRoute', 'mytaek1-rtmp'],
      ['PodMonitor', 'mytaek1-commerce'],
      ['PrometheusRule', 'mytaek1-monitoring'],
      ['ConfigMap', 'mytaek1-dashboard-streams'],
    ] as const)
      assert.equal(find(objects, kind, name).metadata.labels['team'], 'own', `${kind}/${name}`)
    assert.equal(find(objects, 'Deployment', 'mytaek1-commerce').metadata.labels['team'], 'all')
  })
})

test('the same key everywhere is in each place once, also one that the chart has itself', async () => {
  const same = {
    team: 'a',
    'app.kubernetes.io/part-of': 'market',
    'app.kubernetes.io/version': 'yes',
    'helm.sh/chart': '1',
  }
  const annotations = { 'a.b/c': '1' }
  const values = merged(everywhere(same), {
    commonLabels: same,
    podAnnotations: annotations,
    edge: { pod: { annotations } },
  })
  // a key that is there twice is no YAML
  const objects = await rendered(values)
  assert.ok(objects.length > 70)
  for (const { kind, metadata } of objects) assert.equal(metadata.labels['team'], 'a', `${kind}/${metadata.name}`)
  for (const [owner, { metadata }] of podsOf(objects))
    assert.equal(metadata.labels['app.kubernetes.io/version'], 'yes', owner)
})

test('a text with a key twice is refused by what all of these tests read it with', () => {
  assert.throws(() => objectsOf('apiVersion: v1\nkind: A\nmetadata: { name: a, name: b }'), /unique/i)
})

test('the Pods of stores and streams have no label that changes with the chart: an upgrade does not start them anew', async () => {
  const pods = podsOf(await rendered(everything))
  for (const component of ['mariadb', 'redis', 's3', 'stream'] as const)
    assert.doesNotMatch(
      Object.keys(pods.get(components[component].owner)?.metadata.labels ?? {}).join(),
      /chart|version/,
    )
})

test('a release may be called yes: its name is a text wherever it is', async () => {
  const shape = z.looseObject({ matchLabels: z.record(z.string(), z.string()) })
  const objects = objectsOf(await helm('template', 'yes', chartFolder))
  for (const { metadata } of objects) assert.equal(metadata.labels['app.kubernetes.io/instance'], 'yes')
  shape.parse(find(objects, 'Deployment', 'yes-commerce').spec['selector'])
})

suite('what objects are found by is refused, by its place', () => {
  const ours: [label: string, says: RegExp][] = [
    ['app.kubernetes.io/component', /the chart's own, and Pods are selected by it/],
    ['app.kubernetes.io/managed-by', /Helm's own/],
    ['live.mytaek1.dev/stream-key', /the operator's own/],
  ]
  const places = [
    'commonLabels',
    'podLabels',
    'commerce.pod.labels',
    'edge.door.pod.labels',
    'payment.simulator.pod.labels',
    'mail.sink.pod.labels',
    'ingest.service.labels',
    'ingress.labels',
    'gateway.labels',
    'monitoring.dashboards.labels',
  ]
  for (const place of places)
    test(place, async () => {
      for (const [label, says] of ours) {
        const values = place.split('.').reduceRight<object>((inner, key) => ({ [key]: inner }), { [label]: 'mine' })
        await assert.rejects(
          renderValues(values),
          new RegExp(`${place.replaceAll('.', '\\.')}: ${label}.*${says.source}`),
        )
      }
    })
})
