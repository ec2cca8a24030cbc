/** A value that the schema takes is read by a template: with another one, something else is rendered. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { chartFolder, renderValues } from '../helm.ts'
import { merged } from '../components.ts'
import { leavesOf, valueAt, withValue, type Leaf } from './leaves.ts'

const rendersAtOnce = 3

const delivered = z.looseObject({}).parse(parse(await readFile(path.join(chartFolder, 'values.yaml'), 'utf8')))
const hasValue = (values: object, at: readonly string[]) => valueAt(values, at) !== undefined

const capabilities = ['gateway.networking.k8s.io/v1/HTTPRoute', 'gateway.networking.k8s.io/v1alpha2/TCPRoute']
const refs = [{ name: 'shop', namespace: 'gateways', sectionName: 'https', port: 1, group: 'a', kind: 'B' }]

/** Of one's own making it would be another one each time. */
const certificate = { ingest: { tls: { secretName: 'live' } } }

/** Everything that may be switched on is, and lists have an item. */
const everything = {
  imagePullSecrets: [{ name: 'registry' }],
  public: { httpUrl: 'https://shop.example', hlsUrl: 'https://live.example' },
  networkPolicy: { enabled: true },
  monitoring: { enabled: true },
  mail: { sink: { enabled: true } },
  ingress: { host: 'shop.example', tls: { secretName: 'a' }, hosts: [{ host: 'b.example', tlsSecretName: 'b' }] },
  gateway: { enabled: true, parentRefs: refs, hostnames: ['a.example'], rtmpParentRefs: refs, rtmpsParentRefs: refs },
  ingest: {
    service: { loadBalancerSourceRanges: ['192.0.2.0/24'] },
    proxyProtocol: { trustedProxies: ['192.0.2.0/24'] },
  },
  edge: {
    door: { enabled: true, tls: { secretName: 'door' }, service: { loadBalancerSourceRanges: ['192.0.2.0/24'] } },
  },
  stream: { ladder: [{ height: 480, bitrateBps: 1_200_000 }] },
  quotas: { maxBroadcasts: 5 },
  caBundle: { configMap: 'authorities' },
  payment: {
    gateways: [
      {
        name: 'toss',
        currencies: ['KRW'],
        methods: ['card', 'virtual_account'],
        existingSecret: 'toss',
        deposits: { hours: 3, live: false, bank: '20' },
      },
    ],
  },
}
const accounts = Object.fromEntries(
  ['commerce', 'payment', 'storefront', 'operator', 'ingest', 'edge', 'stream'].map((name) => [
    name,
    { serviceAccount: { name: 'mine' } },
  ]),
)

const unscaled = { autoscaling: { enabled: false } }

/** What hides one value shows another. */
const worlds: readonly object[] = [
  everything,
  { ...accounts },
  {
    auth: { existingSecret: 'a' },
    mariadb: { existingSecret: 'b' },
    redis: { existingSecret: 'c' },
    s3: { existingSecret: 'd' },
    caBundle: { secret: 'e' },
  },
  {
    mariadb: { embedded: false, external: { existingSecret: 'a' } },
    redis: { embedded: false, external: { existingSecret: 'b' } },
    s3: { embedded: false, external: { existingSecret: 'c', endpoint: 'https://s3.example' } },
    mail: {
      from: 'a@b.example',
      smtp: { host: 'smtp.example', user: 'a', existingSecret: 'b', secretKeys: { ca: 'c' } },
    },
  },
  {
    mariadb: { embedded: false, external: { commerceUrl: 'mysql://a:b@db/c', paymentUrl: 'mysql://a:b@db/d' } },
    redis: { embedded: false, external: { urls: ['redis://a:1'] } },
    s3: { embedded: false, external: { endpoint: 'https://s3.example', accessKeyId: 'a', secretAccessKey: 'b' } },
    public: { httpUrl: 'https://shop.example' },
    payment: {
      gateways: [
        {
          name: 'portone',
          existingSecret: 'a',
          storeId: 'b',
          channelKey: 'c',
          secretKeys: { secretKey: 'd', webhookSecret: 'e' },
        },
      ],
      simulator: { enabled: false },
    },
  },
  merged(Object.fromEntries(['commerce', 'payment', 'storefront', 'ingest', 'edge'].map((name) => [name, unscaled])), {
    edge: { door: { enabled: true, ...unscaled } },
  }),
  { ingest: { tls: { secretName: '' } } },
].map((world) => merged(certificate, world))

/** What cannot be set beside each other, or hides what is beside it. */
const exclusive = /external|existingSecret|caBundle|mail\.(from|smtp)|pdb|payment\.gateways\.0\.url/

/**
 * Read by nobody: Helm's own, and the mark of an older chart's values, which any other text is. Those of the test's Pod are
 * read only where Helm works on a cluster: release.test.ts sees them arrive.
 */
const isLeft = ({ path: [first = ''] }: Leaf) => ['global', 'valuesOf', 'test'].includes(first)

/** What is rendered, but what differs anyway (a certificate just made) or is no use of a value: sums of all of them. */
async function seen(values: object): Promise<string> {
  const text = await renderValues(values, capabilities)
  return text
    .replaceAll(/[0-9a-f]{64}/g, 'SUM')
    .replaceAll(/^  tls\.(crt|key): .*$/gm, '')
    .replaceAll(/(-(migrate|secrets))-[0-9a-f]{10}$/gm, '$1')
}

async function isRead({ path: at, samples, mark }: Leaf): Promise<boolean> {
  // a world that says something there shows it, most of all the first
  const inOrder = [...worlds.filter((world) => hasValue(world, at)), ...worlds.filter((world) => !hasValue(world, at))]
  for (const world of inOrder) {
    const before = valueAt(merged(delivered, world), at)
    for (const sample of mark === undefined ? samples : [mark.value, ...samples]) {
      const values = withValue(world, at, sample)
      if (sample === before || typeof values !== 'object' || values === null) continue
      // one that is refused is another try's
      const text = await seen(values).catch(() => undefined)
      if (text !== undefined && text !== (await seen(world))) return true
    }
  }
  return false
}

/** Those whose marks are found when all are set at once in a world; what it refuses together is looked at one by one. */
async function readTogether(world: object, leaves: readonly Leaf[]): Promise<Set<Leaf>> {
  const values = leaves.reduce((all, { path: at, mark }) => withValue(all, at, mark?.value) ?? all, world as unknown)
  assert.ok(typeof values === 'object' && values !== null)
  const text = await seen(values)
  return new Set(leaves.filter(({ mark }) => mark?.seen.test(text)))
}

test('no value is taken and reaches no manifest', async () => {
  const schema: unknown = JSON.parse(await readFile(path.join(chartFolder, 'values.schema.json'), 'utf8'))
  let left = leavesOf(schema).filter((leaf) => !isLeft(leaf))
  assert.ok(left.length > 250, String(left.length))
  for (const [i, world] of worlds.entries()) {
    const isHere = ({ path: at }: Leaf) => (i === 0 ? !exclusive.test(at.join('.')) : hasValue(world, at))
    const read = await readTogether(
      world,
      left.filter((leaf) => leaf.mark !== undefined && isHere(leaf)),
    )
    left = left.filter((leaf) => !read.has(leaf))
  }
  assert.ok(left.length < 150, left.map(({ path: at }) => at.join('.')).join(' '))
  const unread: string[] = []
  const look = async (): Promise<void> => {
    for (let leaf = left.shift(); leaf !== undefined; leaf = left.shift())
      if (!(await isRead(leaf))) unread.push(leaf.path.join('.'))
  }
  await Promise.all(Array.from({ length: rendersAtOnce }, look))
  assert.equal(unread.join(' '), '')
})

test('a value that nobody reads is found', async () => {
  const nobodys: Leaf = { path: ['global', 'nothing'], samples: ['a', 'b'], mark: { value: 'm1', seen: /\bm1\b/ } }
  assert.equal((await readTogether(everything, [nobodys])).size, 0)
  assert.equal(await isRead(nobodys), false)
  assert.equal(await isRead({ path: ['logLevel'], samples: ['loud', 'debug'] }), true)
})
