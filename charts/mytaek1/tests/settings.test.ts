/** What a platform team sets, component by component: each setting arrives where Kubernetes looks for it, and nowhere else. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { suite, test } from 'node:test'
import { z } from 'zod'
import {
  componentNames,
  components,
  everything,
  isOf,
  merged,
  podOf,
  podsWith,
  valuesOf,
  type Component,
} from './components.ts'
import { chartFolder, find, objectsOf, podsOf, renderText, renderValues, type PodTemplate } from './helm.ts'

const affinity = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
    },
  },
}
const tolerations = [{ key: 'live', operator: 'Exists', effect: 'NoSchedule' }]
const spread = [{ maxSkew: 2, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' }]
const volume = { name: 'more', configMap: { name: 'more' } }
const mount = { name: 'more', mountPath: '/more', readOnly: true }
const extraEnv = [{ name: 'FROM_NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }]

const settings: { [name: string]: { pod: object; seen: (pod: PodTemplate) => unknown; is: unknown } } = {
  affinity: { pod: { affinity }, seen: ({ spec }) => spec['affinity'], is: affinity },
  nodeSelector: {
    pod: { nodeSelector: { disk: 'fast' } },
    seen: ({ spec }) => spec['nodeSelector'],
    is: { disk: 'fast' },
  },
  tolerations: { pod: { tolerations }, seen: ({ spec }) => spec['tolerations'], is: tolerations },
  priorityClassName: { pod: { priorityClassName: 'high' }, seen: ({ spec }) => spec['priorityClassName'], is: 'high' },
  runtimeClassName: { pod: { runtimeClassName: 'nvidia' }, seen: ({ spec }) => spec['runtimeClassName'], is: 'nvidia' },
  labels: { pod: { labels: { team: 'a' } }, seen: ({ metadata }) => metadata.labels['team'], is: 'a' },
  annotations: { pod: { annotations: { 'a.b/c': '1' } }, seen: annotationOf('a.b/c'), is: '1' },
  extraVolumes: {
    pod: { extraVolumes: [volume], extraVolumeMounts: [mount] },
    seen: ({ spec }) => [
      spec.volumes.find(({ name }) => name === 'more'),
      spec.containers[0]?.volumeMounts.find(({ name }) => name === 'more'),
    ],
    is: [volume, mount],
  },
  extraEnv: {
    pod: { extraEnv },
    seen: ({ spec }) => spec.containers[0]?.env.filter(({ name }) => name === 'FROM_NODE'),
    is: extraEnv,
  },
  topologySpreadConstraints: {
    pod: { topologySpreadConstraints: spread },
    seen: ({ spec }) =>
      z
        .array(z.looseObject({}))
        .parse(spec['topologySpreadConstraints'])
        .map((one) => ({ ...one, labelSelector: null })),
    is: [{ ...spread[0], labelSelector: null }],
  },
}
const withAccount = ['commerce', 'payment', 'storefront', 'operator', 'ingest', 'edge', 'stream'] as const
const withBudget = ['commerce', 'payment', 'storefront', 'operator', 'ingest', 'edge', 'door', 'redis'] as const
const withScaling = ['commerce', 'payment', 'storefront', 'ingest', 'edge', 'door'] as const

test('every place of the schema that has a pod is looked at here', async () => {
  const schema: unknown = JSON.parse(await readFile(path.join(chartFolder, 'values.schema.json'), 'utf8'))
  assert.deepEqual(
    placesOf('#/definitions/pod', schema).sort(),
    // `test` has its Pod where a cluster answers alone: release.test.ts looks at it
    [...componentNames.map((name) => components[name].at.join('.')), 'test'].sort(),
  )
  const { definitions } = z
    .object({ definitions: z.looseObject({ pod: z.object({ properties: z.record(z.string(), z.unknown()) }) }) })
    .parse(schema)
  const looked = Object.values(settings).flatMap(({ pod }) => Object.keys(pod))
  assert.deepEqual(Object.keys(definitions.pod.properties).sort(), looked.sort())
})

for (const component of componentNames) {
  suite(component, () => {
    const all = Object.assign({}, ...Object.values(settings).map(({ pod }) => pod)) as object
    for (const [setting, { seen, is }] of Object.entries(settings)) {
      test(`pod.${setting} is in its Pods, those of its Jobs among them`, async () => {
        const pods = [...(await podsWith(valuesOf(component, { pod: all })))].filter(([owner]) =>
          isOf(component, owner),
        )
        assert.ok(pods.some(([owner]) => owner === components[component].owner))
        for (const [owner, pod] of pods) assert.deepEqual(seen(pod), is, owner)
      })
    }

    test('its settings are its own: the Pods of others have none of them', async () => {
      const pods = await podsWith(valuesOf(component, { pod: all }))
      for (const [owner, pod] of pods) {
        if (isOf(component, owner)) continue
        for (const [setting, { seen, is }] of Object.entries(settings))
          if (setting !== 'topologySpreadConstraints') assert.notDeepEqual(seen(pod), is, `${owner}: ${setting}`)
        assert.doesNotMatch(JSON.stringify(pod.spec), /topology\.kubernetes\.io\/zone/, owner)
      }
    })

    test('a variable that the chart sets is refused in pod.extraEnv, by name', async () => {
      const { spec } = await podOf(component, valuesOf(component, {}))
      const taken = spec.containers[0]?.env[0]
      assert.ok(taken)
      const values = valuesOf(component, { pod: { extraEnv: [{ name: taken.name, value: 'mine' }] } })
      await assert.rejects(renderValues(values), new RegExp(`env\\.${taken.name}: the chart sets this variable itself`))
    })
  })
}

suite('what is said for all', () => {
  const all = {
    ...everything,
    affinity,
    tolerations,
    nodeSelector: { disk: 'fast' },
    priorityClassName: 'high',
    podLabels: { team: 'a' },
    podAnnotations: { 'a.b/c': '1' },
    topologySpreadConstraints: spread,
  }
  const seen = Object.entries(settings).filter(([name]) => !/extra|runtimeClass/.test(name))
  for (const [name, setting] of seen) {
    test(`${name} is in every Pod, Jobs' and streams' too`, async () => {
      const pods = await podsWith(all)
      assert.ok(pods.size > 15)
      for (const [owner, pod] of pods) assert.deepEqual(setting.seen(pod), setting.is, owner)
    })
  }

  test('a component’s own word comes before it', async () => {
    const pod = await podOf(
      'edge',
      merged(all, { edge: { pod: { nodeSelector: { net: '25g' }, annotations: { 'a.b/c': '2' } } } }),
    )
    assert.deepEqual(
      [pod.spec['nodeSelector'], annotationOf('a.b/c')(pod), pod.spec['priorityClassName']],
      [{ net: '25g' }, '2', 'high'],
    )
  })
})

test('the container with ffmpeg gets neither variables nor volumes', async () => {
  const { spec } = await podOf('stream', {
    stream: { pod: { extraEnv, extraVolumes: [volume], extraVolumeMounts: [mount] } },
  })
  assert.doesNotMatch(JSON.stringify(spec.initContainers), /FROM_NODE|\/more/)
})

suite('spread', () => {
  for (const component of componentNames) {
    test(`${component}: the constraints given, with its own selector`, async () => {
      const { metadata, spec } = await podOf(
        component,
        valuesOf(component, { pod: { topologySpreadConstraints: spread } }),
      )
      const matchLabels = {
        'app.kubernetes.io/name': 'mytaek1',
        'app.kubernetes.io/instance': 'mytaek1',
        'app.kubernetes.io/component': component,
      }
      assert.deepEqual(spec['topologySpreadConstraints'], [{ ...spread[0], labelSelector: { matchLabels } }])
      for (const [key, value] of Object.entries(matchLabels)) assert.equal(metadata.labels[key], value)
    })
  }

  test('as delivered, what has several Pods is spread over nodes, and nothing else is told where to be', async () => {
    const pods = [...(await podsWith(everything))].filter(([, { spec }]) => spec['topologySpreadConstraints'])
    const names = ['commerce', 'door', 'edge', 'ingest', 'operator', 'payment', 'redis', 'storefront']
    assert.deepEqual(pods.map(([owner]) => owner.replace(/.*mytaek1-/, '')).sort(), names)
    assert.match(JSON.stringify(pods[0]?.[1].spec), /"topologyKey":"kubernetes.io\/hostname"/)
  })

  test('a selector of yours stays', async () => {
    const labelSelector = { matchLabels: { team: 'a' } }
    const { spec } = await podOf('edge', {
      edge: { pod: { topologySpreadConstraints: [{ ...spread[0], labelSelector }] } },
    })
    assert.deepEqual(spec['topologySpreadConstraints'], [{ ...spread[0], labelSelector }])
  })
})

suite('ServiceAccounts', () => {
  for (const component of withAccount) {
    test(`${component}: annotations, for a role of the cloud's`, async () => {
      const role = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/shop' }
      const objects = objectsOf(await renderValues({ [component]: { serviceAccount: { annotations: role } } }))
      assert.deepEqual(find(objects, 'ServiceAccount', `mytaek1-${component}`).metadata.annotations, role)
    })

    test(`${component}: one of yours is used and bound, and none is made`, async () => {
      const text = await renderValues({ [component]: { serviceAccount: { create: false, name: 'mine' } } })
      const objects = objectsOf(text)
      const made = objects.filter(
        ({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === `mytaek1-${component}`,
      )
      assert.deepEqual(made, [])
      assert.equal(podsOf(objects).get(components[component].owner)?.spec.serviceAccountName, 'mine')
      const binding = objects.find(
        ({ kind, metadata }) => kind === 'RoleBinding' && metadata.name === `mytaek1-${component}`,
      )
      if (binding) assert.match(JSON.stringify(binding['subjects']), /"mine"/)
      if (component === 'stream') assert.match(text, /username == "system:serviceaccount:default:mine"/)
    })
  }

  test('one that is not made has a name', async () => {
    await assert.rejects(
      renderValues({ edge: { serviceAccount: { create: false } } }),
      /edge\.serviceAccount\.name: say which/,
    )
  })
})

suite('budgets and autoscalers', () => {
  const kindOf = async (component: Component, kind: string, values: object) =>
    objectsOf(await renderValues(valuesOf(component, values))).find(
      (one) => one.kind === kind && one.metadata.name === `mytaek1-${component}`,
    )
  for (const component of withBudget) {
    test(`${component}: pdb`, async () => {
      const budget = async (pdb: object) => (await kindOf(component, 'PodDisruptionBudget', { pdb }))?.spec
      assert.equal((await budget({}))?.['maxUnavailable'], 1)
      assert.equal((await budget({ maxUnavailable: '25%' }))?.['maxUnavailable'], '25%')
      const atLeast = await budget({ minAvailable: 2 })
      assert.deepEqual([atLeast?.['minAvailable'], atLeast?.['maxUnavailable']], [2, undefined])
      assert.equal(await budget({ enabled: false }), undefined)
    })
  }
  for (const component of withScaling) {
    test(`${component}: autoscaling.behavior`, async () => {
      const behavior = {
        scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
      }
      assert.deepEqual(
        (await kindOf(component, 'HorizontalPodAutoscaler', { autoscaling: { behavior } }))?.spec['behavior'],
        behavior,
      )
      assert.equal((await kindOf(component, 'HorizontalPodAutoscaler', {}))?.spec['behavior'], undefined)
    })
  }

  test('autoscaling.targetCPU is of a Pod, whatever it requests', async () => {
    const scaler = await kindOf('edge', 'HorizontalPodAutoscaler', {
      autoscaling: { targetCPU: '750m' },
      resources: { requests: { cpu: '2' } },
    })
    const target = { type: 'AverageValue', averageValue: '750m' }
    assert.deepEqual(scaler?.spec['metrics'], [{ type: 'Resource', resource: { name: 'cpu', target } }])
  })

  test('both bounds of a budget are refused', async () => {
    await assert.rejects(
      renderValues({ edge: { pdb: { minAvailable: 1, maxUnavailable: 1 } } }),
      /edge\.pdb: .*exclude/,
    )
  })
})

suite('Services', () => {
  for (const component of ['commerce', 'payment', 'storefront', 'edge']) {
    test(`${component}: annotations and labels`, async () => {
      const objects = objectsOf(
        await renderValues({ [component]: { service: { annotations: { a: '1' }, labels: { b: '2' } } } }),
      )
      const { metadata } = find(objects, 'Service', `mytaek1-${component}`)
      assert.deepEqual([metadata.annotations, metadata.labels['b']], [{ a: '1' }, '2'])
    })
  }
  for (const [name, values] of [
    ['rtmp', 'ingest'],
    ['door', 'door'],
  ] as const) {
    const service = {
      annotations: { a: '1' },
      labels: { b: '2' },
      loadBalancerClass: 'service.k8s.aws/nlb',
      loadBalancerSourceRanges: ['192.0.2.0/24'],
    }
    test(`${name}: class, source ranges, annotations and labels of its load balancer`, async () => {
      const { metadata, spec } = find(
        objectsOf(await renderValues(valuesOf(values, { service }))),
        'Service',
        `mytaek1-${name}`,
      )
      assert.deepEqual([metadata.annotations, metadata.labels['b']], [{ a: '1' }, '2'])
      assert.deepEqual(
        [spec['loadBalancerClass'], spec['loadBalancerSourceRanges']],
        ['service.k8s.aws/nlb', ['192.0.2.0/24']],
      )
    })
    test(`${name}: neither where there is no load balancer, for the apiserver would refuse them`, async () => {
      const { spec } = find(
        objectsOf(await renderValues(valuesOf(values, { service: { ...service, type: 'ClusterIP' } }))),
        'Service',
        `mytaek1-${name}`,
      )
      assert.deepEqual(
        [spec['loadBalancerClass'], spec['loadBalancerSourceRanges'], spec['externalTrafficPolicy']],
        [undefined, undefined, undefined],
      )
    })
  }
})

suite('images at one place', () => {
  const imagesOf = async (values: object) => {
    const pods = await podsWith(merged(everything, values))
    return new Set(
      [...pods.values()].flatMap(({ spec }) => [...spec.initContainers, ...spec.containers]).map(({ image }) => image),
    )
  }
  test('a registry and a folder are those of every image, stores and nginx too', async () => {
    const images = await imagesOf({ image: { registry: 'registry.example:5000', namespace: 'live/shop' } })
    assert.equal(images.size, 9)
    for (const image of images) assert.match(image, /^registry\.example:5000\/live\/shop\/[a-z0-9]+:[-.\w]+$/)
  })

  test('a registry alone keeps the folders, and without one nothing changes', async () => {
    assert.ok((await imagesOf({ image: { registry: 'registry.example' } })).has('registry.example/library/redis:7.0'))
    assert.ok((await imagesOf({ image: { namespace: 'shop' } })).has('docker.io/shop/redis:7.0'))
    const delivered = await imagesOf({})
    for (const image of ['mytaek1/media:0.1.0', 'docker.io/library/redis:7.0', 'docker.io/library/mariadb:10.11'])
      assert.ok(delivered.has(image), image)
  })

  test('a tag for all, one of its own before it, and a digest that pins it', async () => {
    const digest = `sha256:${'0a'.repeat(32)}`
    const images = await imagesOf({
      image: { tag: '2.0.0' },
      images: { media: { digest }, commerce: { tag: '2.0.1' } },
    })
    for (const image of [`mytaek1/media:2.0.0@${digest}`, 'mytaek1/commerce:2.0.1', 'mytaek1/payment:2.0.0'])
      assert.ok(images.has(image), image)
    await assert.rejects(renderText('images.media.digest=sha256:abc'), /\/images\/media\/digest'/)
  })
})

suite('authorities of yours', () => {
  test('are trusted by every process that reaches stores and gateways, Jobs too, and not by ffmpeg', async () => {
    for (const [caBundle, source] of [
      [
        { configMap: 'authorities', key: 'root.pem' },
        { configMap: { name: 'authorities', items: [{ key: 'root.pem', path: 'ca.crt' }] } },
      ],
      [
        { secret: 'authorities' },
        { secret: { secretName: 'authorities', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      ],
    ] as const) {
      const pods = await podsWith({ caBundle })
      for (const owner of [
        'Deployment/mytaek1-commerce',
        'Deployment/mytaek1-payment',
        'Deployment/mytaek1-simulator',
        'Deployment/mytaek1-edge',
        'ConfigMap/mytaek1-stream-template',
        'CronJob/mytaek1-commerce-books',
      ]) {
        const spec = pods.get(owner)?.spec
        const [container] = spec?.containers ?? []
        assert.equal(
          container?.env.find(({ name }) => name === 'NODE_EXTRA_CA_CERTS')?.value,
          '/etc/mytaek1-ca/ca.crt',
          owner,
        )
        assert.equal(
          container?.volumeMounts.find(({ name }) => name === 'ca-bundle')?.mountPath,
          '/etc/mytaek1-ca',
          owner,
        )
        assert.deepEqual(
          spec?.volumes.find(({ name }) => name === 'ca-bundle'),
          { name: 'ca-bundle', ...source },
          owner,
        )
      }
      const jobs = [...pods].filter(([owner]) => /^Job\/.*-migrate-/.test(owner))
      assert.equal(jobs.length, 2)
      for (const [owner, { spec }] of jobs)
        assert.ok(
          spec.containers[0]?.volumeMounts.some(({ name }) => name === 'ca-bundle'),
          owner,
        )
      assert.doesNotMatch(
        JSON.stringify(pods.get('ConfigMap/mytaek1-stream-template')?.spec.initContainers),
        /ca-bundle|CA_CERTS/,
      )
    }
  })

  test('two sources are refused', async () => {
    await assert.rejects(renderText('caBundle.configMap=a,caBundle.secret=b'), /caBundle: name a ConfigMap or a Secret/)
  })
})

suite('host names', () => {
  const shape = z.looseObject({
    rules: z.array(
      z.looseObject({
        host: z.string().optional(),
        http: z.object({ paths: z.array(z.looseObject({ path: z.string() })) }),
      }),
    ),
    tls: z.array(z.looseObject({ secretName: z.string(), hosts: z.array(z.string()).optional() })).default([]),
  })
  test('several have the same paths, each its certificate', async () => {
    const ingress = {
      host: 'shop.example',
      tls: { secretName: 'shop' },
      hosts: [{ host: 'www.shop.example', tlsSecretName: 'www' }, { host: 'shop.test' }],
      labels: { a: 'b' },
    }
    const { metadata, spec } = find(objectsOf(await renderValues({ ingress })), 'Ingress', 'mytaek1')
    const { rules, tls } = shape.parse(spec)
    assert.deepEqual(
      rules.map(({ host }) => host),
      ['shop.example', 'www.shop.example', 'shop.test'],
    )
    assert.deepEqual(new Set(rules.map(({ http }) => JSON.stringify(http))).size, 1)
    assert.deepEqual(tls, [
      { secretName: 'shop', hosts: ['shop.example'] },
      { secretName: 'www', hosts: ['www.shop.example'] },
    ])
    assert.equal(metadata.labels['a'], 'b')
  })

  test('more than none are refused', async () => {
    await assert.rejects(
      renderValues({ ingress: { hosts: [{ host: 'a.example' }] } }),
      /ingress\.hosts: are more than ingress\.host/,
    )
  })
})

suite('the Gateway API', () => {
  const http = 'gateway.networking.k8s.io/v1/HTTPRoute'
  const tcp = 'gateway.networking.k8s.io/v1alpha2/TCPRoute'
  const gateway = { enabled: true, parentRefs: [{ name: 'shop', namespace: 'gateways', sectionName: 'https' }] }
  const encoders = {
    rtmpParentRefs: [{ name: 'shop', sectionName: 'rtmp' }],
    rtmpsParentRefs: [{ name: 'shop', sectionName: 'rtmps' }],
  }
  const routeShape = z.looseObject({
    parentRefs: z.unknown(),
    hostnames: z.array(z.string()).optional(),
    rules: z.array(
      z.looseObject({
        matches: z.array(z.looseObject({ path: z.object({ value: z.string() }) })).default([]),
        backendRefs: z.array(z.looseObject({ name: z.string(), port: z.number() })),
      }),
    ),
  })

  test('an HTTPRoute has the paths of the Ingress', async () => {
    const objects = objectsOf(
      await renderValues({ gateway, ingress: { host: 'shop.example' }, mail: { sink: { enabled: true } } }, [http]),
    )
    const route = routeShape.parse(find(objects, 'HTTPRoute', 'mytaek1').spec)
    const ingress = z
      .looseObject({
        rules: z.tuple([
          z.object({
            host: z.string(),
            http: z.object({
              paths: z.array(
                z.looseObject({
                  path: z.string(),
                  backend: z.object({ service: z.looseObject({ name: z.string() }) }),
                }),
              ),
            }),
          }),
        ]),
      })
      .parse(find(objects, 'Ingress', 'mytaek1').spec)
    assert.deepEqual(
      route.rules.map(({ matches, backendRefs }) => [matches[0]?.path.value, backendRefs[0]?.name]),
      ingress.rules[0].http.paths.map(({ path, backend }) => [path, backend.service.name]),
    )
    assert.deepEqual([route.hostnames, route.parentRefs], [['shop.example'], gateway.parentRefs])
    for (const { backendRefs } of route.rules)
      assert.ok(objects.some(({ kind, metadata }) => kind === 'Service' && metadata.name === backendRefs[0]?.name))
  })

  test('an HTTPRoute is for the hosts of the Ingress, unless it has its own', async () => {
    const hostnames = async (values: object) =>
      routeShape.parse(find(objectsOf(await renderValues(values, [http])), 'HTTPRoute', 'mytaek1').spec).hostnames
    const ingress = {
      enabled: false,
      host: 'shop.example',
      hosts: [{ host: 'www.shop.example' }, { host: '*.shop.test' }],
    }
    assert.deepEqual(await hostnames({ gateway, ingress }), ['shop.example', 'www.shop.example', '*.shop.test'])
    assert.deepEqual(await hostnames({ gateway: { ...gateway, hostnames: ['a.example'] }, ingress }), ['a.example'])
    assert.equal(await hostnames({ gateway }), undefined)
  })

  test('encoders have a TCPRoute for each listener, of the version that the cluster has', async () => {
    for (const [capability, version] of [
      [tcp, 'v1alpha2'],
      [tcp.replace('v1alpha2', 'v1'), 'v1'],
    ] as const) {
      const objects = objectsOf(await renderValues({ gateway: { ...gateway, ...encoders } }, [http, capability]))
      for (const [name, port] of [
        ['rtmp', 1935],
        ['rtmps', 1936],
      ] as const) {
        const { apiVersion, spec } = find(objects, 'TCPRoute', `mytaek1-${name}`)
        assert.equal(apiVersion, `gateway.networking.k8s.io/${version}`)
        assert.deepEqual(routeShape.parse(spec).rules[0]?.backendRefs, [{ name: 'mytaek1-rtmp', port }])
      }
    }
  })

  const refused: [values: object, capabilities: string[], says: RegExp][] = [
    [gateway, [], /gateway\.enabled: this cluster has no HTTPRoute.*--api-versions/],
    [{ enabled: true }, [http], /gateway\.parentRefs: say which Gateway/],
    [{ ...gateway, ...encoders }, [http], /gateway\.rtmpParentRefs: this cluster has no TCPRoute/],
  ]
  for (const [values, capabilities, says] of refused)
    test(`${says.source.slice(0, 40)}…`, () => assert.rejects(renderValues({ gateway: values }, capabilities), says))

  test('nothing of it is there unless asked for', async () => {
    assert.doesNotMatch(await renderValues(everything, [http, tcp]), /gateway\.networking/)
  })
})

function annotationOf(key: string): (pod: PodTemplate) => unknown {
  return ({ metadata }) => z.record(z.string(), z.string()).default({}).parse(metadata['annotations'])[key]
}

/** The places in a schema, by their paths, that are of one definition. */
function placesOf(definition: string, schema: unknown, at: readonly string[] = []): string[] {
  const { $ref, properties = {} } = z
    .looseObject({ $ref: z.string().optional(), properties: z.record(z.string(), z.unknown()).optional() })
    .parse(schema)
  if ($ref === definition) return [at.slice(0, -1).join('.')]
  return Object.entries(properties).flatMap(([key, inner]) => placesOf(definition, inner, [...at, key]))
}
