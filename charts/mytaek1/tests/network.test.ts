/** The NetworkPolicies, judged as a network plugin does: the Pods of a port that a policy selects take only what one lists. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { z } from 'zod'
import { find, podsOf, renderChart, renderText, type Rendered, secretsOf } from './helm.ts'

const labels = z.object({ matchLabels: z.record(z.string(), z.string()) })
const policyShape = z.object({
  podSelector: labels,
  policyTypes: z.array(z.enum(['Ingress', 'Egress'])),
  ingress: z
    .array(
      z.object({
        ports: z.array(z.object({ protocol: z.literal('TCP'), port: z.number() })),
        from: z.array(z.object({ podSelector: labels })).optional(),
      }),
    )
    .default([]),
  egress: z
    .array(
      z.object({
        ports: z.array(z.object({ protocol: z.enum(['TCP', 'UDP']), port: z.number() })),
        to: z.array(z.object({ podSelector: labels })).optional(),
      }),
    )
    .optional(),
})
type Labels = Record<string, string>
const on = 'networkPolicy.enabled=true'

function selects({ matchLabels }: z.infer<typeof labels>, pod: Labels): boolean {
  return Object.entries(matchLabels).every(([key, value]) => pod[key] === value)
}

/** Whether a Pod takes connections at a port; `from` undefined: of somebody outside of the release. */
function isOpen(objects: readonly Rendered[], pod: Labels, port: number, from: Labels | undefined): boolean {
  const policies = objects
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ spec }) => policyShape.parse(spec))
    .filter(({ podSelector }) => selects(podSelector, pod))
  const rules = policies.flatMap(({ ingress }) => ingress)
  return (
    policies.length === 0 ||
    rules.some(
      (rule) =>
        rule.ports.some((one) => one.port === port) &&
        (rule.from === undefined || (from !== undefined && rule.from.some((peer) => selects(peer.podSelector, from)))),
    )
  )
}

suite('network policies', () => {
  test('none unless asked for', async () => assert.doesNotMatch(await renderText(), /NetworkPolicy/))

  test('each port is open to those that need it, and to no other', async () => {
    const objects = await renderChart(on)
    const pods = Object.fromEntries(
      [...podsOf(objects).values()].map(({ metadata }) => [
        metadata.labels['app.kubernetes.io/component'],
        metadata.labels,
      ]),
    )
    const everyone = [...Object.keys(pods), 'outside']
    const open: Record<string, Record<number, string[]>> = {
      storefront: { 8080: everyone, 9090: everyone },
      commerce: { 8080: everyone, 9090: everyone },
      payment: { 8080: everyone, 9090: everyone },
      edge: { 8080: everyone, 9090: everyone },
      ingest: { 1935: everyone, 1936: everyone, 9090: everyone },
      operator: { 9090: everyone },
      stream: { 1935: ['ingest'], 8080: ['edge'], 9090: everyone },
      simulator: { 8080: ['payment'], 9090: everyone },
      mariadb: { 3306: ['commerce', 'commerce-migrate', 'commerce-books', 'payment', 'payment-migrate', 'simulator'] },
      redis: { 6379: ['commerce', 'edge', 'payment'] },
      s3: { 7070: ['commerce', 'edge', 'stream'] },
    }
    const all = [1935, 1936, 3306, 6379, 7070, 8080, 9090]
    for (const [component, ports] of Object.entries(open)) {
      for (const port of all) {
        const found = everyone.filter((from) => isOpen(objects, pods[component] ?? {}, port, pods[from]))
        assert.deepEqual(found.toSorted(), (ports[port] ?? []).toSorted(), `${component}:${port}`)
      }
    }
    // Jobs have no port: they need no policy
    assert.deepEqual(
      Object.keys(pods).filter((name) => !(name in open)),
      ['commerce-migrate', 'payment-migrate', 'secrets', 'commerce-books'],
    )
  })

  test('whoever is told an address of another component may go there', async () => {
    const objects = await renderChart(on)
    const services = objects.filter(({ kind }) => kind === 'Service')
    const selector = (name: string) =>
      z
        .looseObject({ selector: z.record(z.string(), z.string()) })
        .parse(services.find(({ metadata }) => metadata.name === name)?.spec).selector
    const secrets = secretsOf(objects)
    let asked = 0
    for (const [owner, { metadata, spec }] of podsOf(objects)) {
      for (const { value, valueFrom } of spec.containers.flatMap(({ env }) => env)) {
        const { name = '', key = '' } = valueFrom?.secretKeyRef ?? {}
        const text = value ?? secrets.get(name)?.get(key) ?? ''
        for (const [, host = '', port] of text.matchAll(/^\w+:\/\/(?:[^@/]*@)?([\w.-]*mytaek1-[\w.-]+):(\d+)/g)) {
          // a Job has its service's variables, and uses the database only
          if (/^(Cron)?Job\//.test(owner) && port !== '3306') continue
          asked += 1
          const target = { ...selector(host.split('.').at(-1) ?? host) }
          assert.ok(isOpen(objects, target, Number(port), metadata.labels), `${owner} → ${host}:${port}`)
        }
      }
    }
    assert.ok(asked >= 10, String(asked))
  })

  test('the Pod of helm test goes to the doors that it tries and to name servers, and nobody comes to it', async () => {
    const objects = await renderChart(on)
    const { spec } = find(objects, 'NetworkPolicy', 'mytaek1-test')
    const { podSelector, policyTypes, ingress, egress = [] } = policyShape.parse(spec)
    const test = { ...podSelector.matchLabels }
    assert.equal(test['app.kubernetes.io/component'], 'test')
    assert.deepEqual([policyTypes, ingress], [['Ingress', 'Egress'], []])
    const anywhere = egress.filter(({ to }) => to === undefined).flatMap(({ ports }) => ports.map(({ port }) => port))
    assert.deepEqual([...new Set(anywhere)], [53, 5353])
    const pods = [...podsOf(objects).values()].map(({ metadata }) => metadata.labels)
    const reached = egress
      .filter(({ to }) => to !== undefined)
      .flatMap(({ ports, to = [] }) =>
        pods
          .filter((pod) => to.some((peer) => selects(peer.podSelector, pod)))
          .flatMap((pod) => ports.map(({ port }) => ({ pod, port }))),
      )
    assert.deepEqual(reached.map(({ pod, port }) => `${pod['app.kubernetes.io/component']}:${port}`).toSorted(), [
      'commerce:8080',
      'edge:8080',
      'ingest:1935',
      'payment:8080',
      'storefront:8080',
    ])
    for (const { pod, port } of reached) assert.ok(isOpen(objects, pod, port, test))
  })

  test('stores begin no connections; external stores have no policy', async () => {
    const silent = (objects: readonly Rendered[]) =>
      objects
        .filter(({ kind }) => kind === 'NetworkPolicy')
        .filter(({ spec }) => policyShape.parse(spec).policyTypes.includes('Egress'))
        .filter(({ spec }) => policyShape.parse(spec).egress === undefined)
        .map(({ metadata }) => metadata.name)
        .toSorted()
    assert.deepEqual(silent(await renderChart(on)), ['mytaek1-mariadb', 'mytaek1-redis', 'mytaek1-s3'])
    const external = await renderChart(
      on,
      'mariadb.embedded=false,mariadb.external.existingSecret=a,redis.embedded=false,redis.external.existingSecret=b',
      's3.embedded=false,s3.external.existingSecret=c,s3.external.endpoint=https://s3.example',
    )
    assert.deepEqual(silent(external), [])
  })
})
