/** Values as people give them, one name each: what is rendered with them has to be manifests of every Kubernetes. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

const chartFolder = path.resolve(import.meta.dirname, '../..')

/** What is given to the chart. */
export type ValueSet = {
  name: string
  values: object
  /** Kinds that the cluster has beyond its own, as `group/version/kind`. */
  capabilities?: readonly string[]
}

const off = { autoscaling: { enabled: false } }
const resources = { requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: 2, memory: '2Gi' } }
const components = ['commerce', 'payment', 'storefront', 'ingest', 'edge'] as const
const each = (values: object) => Object.fromEntries(components.map((component) => [component, values]))

/** Databases, locks and bucket of the user's own. */
const externalStores = {
  mariadb: { embedded: false, external: { existingSecret: 'my-databases' } },
  redis: { embedded: false, external: { existingSecret: 'my-redis' } },
  s3: {
    embedded: false,
    bucket: 'shop',
    external: { endpoint: 'https://s3.example', region: 'eu-central-1', existingSecret: 'my-s3' },
  },
}

const shop = {
  public: { httpUrl: 'https://shop.example', rtmpUrl: 'rtmps://live.example:1936/live' },
  ingress: { className: 'nginx', host: 'shop.example', tls: { secretName: 'shop-example' } },
}

/** A file of values that is delivered with the chart. */
const fileOf = (name: string) =>
  z.record(z.string(), z.unknown()).parse(parse(readFileSync(path.join(chartFolder, name), 'utf8')))

const httpRoute = 'gateway.networking.k8s.io/v1/HTTPRoute'
const tcpRoute = 'gateway.networking.k8s.io/v1alpha2/TCPRoute'
const gateway = { enabled: true, parentRefs: [{ name: 'shop', namespace: 'gateways', sectionName: 'https' }] }

const pod = {
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'pool', operator: 'In', values: ['live'] }] }],
      },
    },
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { a: 'b' } } },
        },
      ],
    },
  },
  nodeSelector: { pool: 'live' },
  tolerations: [{ key: 'live', operator: 'Equal', value: 'yes', effect: 'NoExecute', tolerationSeconds: 60 }],
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' },
  ],
  priorityClassName: 'high',
  runtimeClassName: 'gvisor',
  labels: { team: 'live' },
  annotations: { 'example.com/scrape': 'yes' },
  extraEnv: [
    { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'token', key: 'token', optional: true } } },
  ],
  extraVolumes: [
    { name: 'more', configMap: { name: 'more' } },
    { name: 'scratch', emptyDir: { sizeLimit: '1Gi' } },
  ],
  extraVolumeMounts: [{ name: 'more', mountPath: '/more', readOnly: true, subPath: 'a' }],
}
const behavior = {
  scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
  scaleDown: { selectPolicy: 'Min', policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
}

/** At least thirty, each of them another shape of what is rendered. */
export const valueSets: readonly ValueSet[] = [
  { name: 'as delivered', values: {} },
  { name: 'on an address', values: { ...shop, ingest: { tls: { secretName: 'live-example' } } } },
  { name: 'stores by Secrets', values: externalStores },
  {
    name: 'stores by values',
    values: {
      mariadb: {
        embedded: false,
        external: { commerceUrl: 'mysql://a:b@db/commerce', paymentUrl: 'mysql://c:d@db/payment' },
      },
      redis: {
        embedded: false,
        external: { urls: ['redis://:p@one:6379', 'redis://:p@two:6379', 'redis://:p@three:6379'] },
      },
      s3: { embedded: false, external: { endpoint: 'https://s3.example', accessKeyId: 'id', secretAccessKey: 'key' } },
    },
  },
  {
    name: 'passwords by Secrets',
    values: {
      auth: { existingSecret: 'keys', secretKeys: { serviceToken: 'TOKEN' } },
      mariadb: { existingSecret: 'database' },
      redis: { existingSecret: 'redis' },
      s3: { existingSecret: 's3' },
    },
  },
  {
    name: 'a bucket by roles',
    values: { s3: { embedded: false, external: { endpoint: 'https://s3.eu-central-1.amazonaws.com' } } },
  },
  { name: 'three masters', values: { redis: { masters: 3, persistence: { size: '2Gi', storageClass: 'fast' } } } },
  {
    name: 'volumes that go',
    values: Object.fromEntries(
      ['mariadb', 'redis', 's3'].map((store) => [store, { persistence: { size: '1Gi', whenDeleted: 'Delete' } }]),
    ),
  },
  { name: 'no autoscaler', values: each({ ...off, replicas: 3 }) },
  {
    name: 'other autoscalers',
    values: each({ autoscaling: { minReplicas: 3, maxReplicas: 40, targetCPU: '0.5' } }),
  },
  { name: 'other resources', values: { ...each({ resources }), operator: { resources }, stream: { resources } } },
  { name: 'no resources', values: each({ resources: null }) },
  { name: 'variables', values: each({ env: { A: 'b', YES: 'yes', NUMBER: '1' } }) },
  {
    name: 'where Pods run',
    values: {
      nodeSelector: { pool: 'live', 'kubernetes.io/arch': 'amd64' },
      tolerations: [{ key: 'live', operator: 'Exists', effect: 'NoSchedule' }],
      priorityClassName: 'shop',
      imagePullSecrets: [{ name: 'registry' }],
    },
  },
  {
    name: 'images of a registry',
    values: {
      images: Object.fromEntries(
        ['commerce', 'payment', 'storefront', 'operator', 'media'].map((image) => [
          image,
          { repository: `registry.example/shop/${image}`, tag: '1.2.3', pullPolicy: 'Always' },
        ]),
      ),
    },
  },
  { name: 'no Ingress', values: { ingress: { enabled: false } } },
  {
    name: 'an Ingress with annotations',
    values: { ingress: { annotations: { 'example.com/buffering': 'off' }, trustedProxies: 2 } },
  },
  {
    name: 'encoders by a NodePort',
    values: { ingest: { service: { type: 'NodePort', externalTrafficPolicy: 'Cluster' } } },
  },
  {
    name: 'encoders by a ClusterIP',
    values: { ingest: { service: { type: 'ClusterIP' }, tls: { selfSigned: false } } },
  },
  {
    name: 'encoders by an annotated balancer',
    values: { ingest: { service: { annotations: { 'example.com/type': 'nlb' } }, drainSeconds: 60 } },
  },
  { name: 'the door', values: { edge: { door: { enabled: true } } } },
  {
    name: 'the door with TLS',
    values: {
      public: { httpUrl: 'https://shop.example', hlsUrl: 'https://live.example' },
      edge: {
        door: { ...off, enabled: true, replicas: 4, tls: { secretName: 'live' }, service: { type: 'NodePort' } },
      },
    },
  },
  { name: 'network policies', values: { networkPolicy: { enabled: true }, edge: { door: { enabled: true } } } },
  { name: 'network policies, stores elsewhere', values: { ...externalStores, networkPolicy: { enabled: true } } },
  { name: 'monitors', values: { monitoring: { enabled: true, labels: { release: 'prometheus' } } } },
  { name: 'no definitions', values: { crds: { enabled: false } } },
  {
    name: 'no objects of the whole cluster',
    values: { crds: { enabled: false }, quotas: { enabled: false }, stream: { writerPolicy: false } },
  },
  {
    name: 'quotas',
    values: {
      quotas: {
        maxBroadcasts: 5000,
        default: { maxRungs: 3, maxDvrWindow: '30m', recording: false },
        sellers: { 'platform-team': { maxRungs: 6, recording: true }, banned: { open: false } },
      },
    },
  },
  {
    name: 'mail',
    values: {
      mail: {
        from: 'The Shop <shop@example.com>',
        smtp: { host: 'smtp.example.com', user: 'shop', existingSecret: 'smtp', secretKeys: { ca: 'ca.crt' } },
      },
    },
  },
  { name: 'mail into the sink', values: { mail: { sink: { enabled: true } }, networkPolicy: { enabled: true } } },
  {
    name: 'gateways',
    values: {
      ...shop,
      payment: {
        simulator: { enabled: false },
        gateways: [
          {
            name: 'toss',
            methods: ['card', 'virtual_account'],
            existingSecret: 'toss',
            deposits: { hours: 12, bank: '88' },
          },
          {
            name: 'stripe',
            currencies: ['EUR', 'USD'],
            existingSecret: 'stripe',
            secretKeys: { webhookSecret: 'hook' },
          },
          { name: 'portone', existingSecret: 'portone', storeId: 'store', channelKey: 'channel' },
        ],
      },
    },
  },
  { name: "the simulator's window", values: { payment: { gateways: [{ name: 'simulator', keyIn: false }] } } },
  {
    name: 'streams',
    values: {
      stream: {
        warmPods: 20,
        maxPods: 200,
        ladder: [{ height: 480, bitrateBps: 1_200_000 }],
        encoderPreset: 'faster',
        diskLimit: '20Gi',
        drainSeconds: 60,
        transcoder: { resources },
      },
    },
  },
  { name: 'streams of the source only', values: { stream: { ladder: [], warmPods: 0, env: { A: 'b' } } } },
  { name: 'no checks of the books', values: { commerce: { booksSchedule: '' } } },
  {
    name: 'a small cluster',
    values: {
      ...each({ ...off, replicas: 1 }),
      operator: { replicas: 1 },
      stream: { warmPods: 0 },
      quotas: { enabled: false },
      logLevel: 'debug',
    },
  },
  {
    name: 'Pods of each component',
    values: {
      ...each({
        pod,
        annotations: { a: 'b' },
        serviceAccount: { annotations: { a: 'b' } },
        pdb: { maxUnavailable: '25%' },
        autoscaling: { behavior },
      }),
      operator: { pod, pdb: { enabled: false } },
      stream: { pod, serviceAccount: { create: false, name: 'streams' } },
      mariadb: { pod },
      redis: { masters: 3, pod, pdb: { minAvailable: 2 } },
      s3: { pod },
      mail: { sink: { enabled: true, pod } },
    },
  },
  {
    name: 'Pods of all components',
    values: {
      affinity: pod.affinity,
      topologySpreadConstraints: pod.topologySpreadConstraints,
      commonLabels: { owner: 'live' },
      podLabels: { team: 'live' },
      podAnnotations: { 'example.com/scrape': 'yes' },
      edge: { door: { enabled: true, pod: { annotations: { a: 'b' } } } },
    },
  },
  {
    name: 'a GPU for the encoders',
    values: {
      stream: {
        pod: { runtimeClassName: 'nvidia' },
        transcoder: {
          resources: { requests: { cpu: 1, memory: '1Gi' }, limits: { memory: '1Gi', 'nvidia.com/gpu': 1 } },
        },
      },
    },
  },
  {
    name: 'images of a mirror, pinned',
    values: {
      image: { registry: 'registry.example:5000', namespace: 'shop', tag: '1.2.3' },
      images: { media: { digest: `sha256:${'0f'.repeat(32)}` } },
      edge: { door: { enabled: true } },
    },
  },
  { name: 'authorities in a ConfigMap', values: { ...externalStores, caBundle: { configMap: 'authorities' } } },
  { name: 'authorities in a Secret', values: { caBundle: { secret: 'authorities', key: 'root.pem' } } },
  {
    name: 'load balancers of a class',
    values: {
      ingest: {
        service: {
          loadBalancerClass: 'service.k8s.aws/nlb',
          loadBalancerSourceRanges: ['192.0.2.0/24', '2001:db8::/32'],
        },
      },
      edge: {
        service: { annotations: { a: 'b' } },
        door: { enabled: true, service: { loadBalancerClass: 'tailscale', labels: { a: 'b' } } },
      },
    },
  },
  {
    name: 'several hosts',
    values: {
      ingress: {
        host: 'shop.example',
        tls: { secretName: 'shop' },
        hosts: [{ host: 'www.shop.example', tlsSecretName: 'www' }, { host: '*.shop.test' }],
      },
    },
  },
  {
    name: 'an HTTPRoute',
    values: { ingress: { enabled: false }, gateway: { ...gateway, hostnames: ['shop.example'] } },
    capabilities: [httpRoute],
  },
  {
    name: 'a Gateway for encoders, too',
    values: {
      ingest: { service: { type: 'ClusterIP' } },
      gateway: {
        ...gateway,
        rtmpParentRefs: [{ name: 'shop', sectionName: 'rtmp' }],
        rtmpsParentRefs: [{ name: 'shop', port: 1936 }],
      },
    },
    capabilities: [httpRoute, tcpRoute],
  },
  { name: 'values-production.yaml', values: fileOf('values-production.yaml') },
  { name: 'values-eks.yaml', values: fileOf('values-eks.yaml') },
]
