import assert from 'node:assert/strict'
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { suite, test } from 'node:test'
import { z } from 'zod'
import { chartFolder, find, helm, podsOf, renderChart, renderText, secretsOf } from './helm.ts'

const refused = (sets: string[], says: RegExp) => assert.rejects(renderText(...sets), says)

suite('values', () => {
  test('helm lint --strict has nothing to say', async () => {
    assert.match(await helm('lint', '--strict', chartFolder), /0 chart\(s\) failed/)
  })

  const wrong: [set: string, says: RegExp][] = [
    ['nonsense=1', /additional properties 'nonsense' not allowed/],
    ['commerce.replica=3', /\/commerce'.*'replica' not allowed/],
    ['images.media.tga=x', /\/images\/media'.*'tga' not allowed/],
    ['ingest.service.kind=x', /\/ingest\/service'.*'kind' not allowed/],
    ['mariadb.persistence.sice=1Gi', /\/mariadb\/persistence'.*'sice' not allowed/],
    ['commerce.resources.requests.gpu=1', /\/commerce\/resources\/requests'.*'gpu' not allowed/],
    ['commerce.autoscaling.enabled=yes', /\/commerce\/autoscaling\/enabled'.*want boolean/],
    ['commerce.env.lowercase=x', /\/commerce\/env'.*lowercase/],
    ['redis.masters=2', /\/redis\/masters'.*1, 3/],
    ['stream.encoderPreset=placebo', /\/stream\/encoderPreset'.*'ultrafast'/],
    ['stream.ladder[0].height=480', /\/stream\/ladder\/0'.*'bitrateBps'/],
    ['logLevel=loud', /\/logLevel'.*'debug'/],
    ['public.httpUrl=ftp://shop.example', /\/public\/httpUrl'.*does not match/],
  ]
  for (const [set, says] of wrong) {
    test(`${set} is refused by the schema, which names it`, () => refused([set], says))
  }

  test('an external store without an address is refused, and the message names the value', async () => {
    await refused(['mariadb.embedded=false'], /mariadb\.external\.commerceUrl/)
    await refused(['redis.embedded=false'], /redis\.external\.urls/)
    await refused(['s3.embedded=false,s3.external.existingSecret=keys'], /s3\.external\.endpoint/)
    const s3 = 's3.embedded=false,s3.external.endpoint=https://s3.example'
    await refused([s3, 's3.external.secretAccessKey=a'], /s3\.external\.accessKeyId is required with/)
    await refused([s3, 's3.external.accessKeyId=a'], /s3\.external\.secretAccessKey is required with/)
    await refused(['payment.simulator.enabled=false'], /payment\.gateways: the simulator is asked for/)
  })

  test('every value has a comment', async () => {
    const lines = (await readFile(path.join(chartFolder, 'values.yaml'), 'utf8')).split('\n')
    // a key that opens a block is explained by what is in it
    const bare = lines.filter(
      (line, i) => /^\s*\w+: \S/.test(line) && !/requests|limits/.test(line) && !lines[i - 1]?.includes('#'),
    )
    assert.deepEqual(bare, [])
  })
})

suite('pods', () => {
  test('every container is non-root, read-only, without capabilities, and has requests and a memory limit', async () => {
    const pods = podsOf(await renderChart())
    assert.equal(pods.size, 15) // 7 Deployments, 3 StatefulSets, 3 Jobs, a CronJob, the stream template
    for (const [owner, { spec }] of pods) {
      assert.equal(spec.securityContext.runAsNonRoot, true, owner)
      assert.equal(spec.securityContext.seccompProfile.type, 'RuntimeDefault', owner)
      for (const container of [...spec.initContainers, ...spec.containers]) {
        assert.equal(container.securityContext.readOnlyRootFilesystem, true, owner)
        assert.equal(container.securityContext.allowPrivilegeEscalation, false, owner)
        assert.deepEqual(container.securityContext.capabilities.drop, ['ALL'], owner)
        assert.ok(container.resources.requests['cpu'] && container.resources.requests['memory'], owner)
        assert.ok(container.resources.limits['memory'], owner)
      }
    }
  })

  test('every process of ours is probed on its admin port', async () => {
    for (const [owner, { spec }] of podsOf(await renderChart())) {
      if (!/^(Deployment|ConfigMap)/.test(owner)) continue
      for (const { readinessProbe, livenessProbe } of spec.containers) {
        assert.deepEqual(readinessProbe?.httpGet, { path: '/readyz', port: 'admin' }, owner)
        assert.deepEqual(livenessProbe?.httpGet, { path: '/healthz', port: 'admin' }, owner)
      }
    }
  })

  test('a kubelet that starts again finds what has a door ready with its first look, and a slow start is nobody’s end', async () => {
    for (const [owner, { spec }] of podsOf(await renderChart())) {
      if (!owner.startsWith('Deployment')) continue
      for (const { startupProbe, readinessProbe, livenessProbe } of spec.containers) {
        assert.equal(startupProbe, undefined, owner)
        assert.equal(readinessProbe?.periodSeconds, 1, owner)
        const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = livenessProbe ?? {}
        assert.equal(initialDelaySeconds + periodSeconds * failureThreshold, 300, owner)
      }
    }
  })

  test('every volume mounted is declared, and every variable is set once', async () => {
    for (const [owner, { spec }] of podsOf(
      await renderChart('ingest.tls.secretName=cert', 'commerce.env.RESERVATION_SECONDS=60s'),
    )) {
      // volumes of a StatefulSet come from its claims, too
      const volumes = new Set([
        ...spec.volumes.map(({ name }) => name),
        ...(owner.startsWith('StatefulSet') ? ['data'] : []),
      ])
      for (const container of [...spec.initContainers, ...spec.containers]) {
        for (const mount of container.volumeMounts) assert.ok(volumes.has(mount.name), `${owner}: ${mount.name}`)
        const names = container.env.map(({ name }) => name)
        assert.deepEqual(names, [...new Set(names)], owner)
      }
    }
  })

  test('every Secret and key that a Pod reads is rendered, or made by the Job', async () => {
    const objects = await renderChart('redis.masters=3')
    const secrets = secretsOf(objects)
    for (const [owner, { spec }] of podsOf(objects)) {
      for (const { env } of spec.containers) {
        for (const { valueFrom } of env) {
          if (!valueFrom?.secretKeyRef || valueFrom.secretKeyRef.optional) continue
          const { name, key } = valueFrom.secretKeyRef
          assert.ok(secrets.get(name)?.get(key), `${owner}: ${name}/${key}`)
        }
      }
    }
  })

  test('only processes that use the Kubernetes API get a token', async () => {
    const objects = await renderChart()
    for (const [owner, { spec }] of podsOf(objects)) {
      const account = objects.find(
        ({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === spec.serviceAccountName,
      )
      const token = spec.automountServiceAccountToken ?? account?.['automountServiceAccountToken']
      assert.equal(token, /commerce$|operator|ingest|edge|uninstall|secrets/.test(owner), owner)
    }
  })

  test("of a stream Pod's containers the one with ffmpeg has no token, no Secret, no variable of ours and nothing to write to", async () => {
    const spec = podsOf(await renderChart()).get('ConfigMap/mytaek1-stream-template')?.spec
    assert.ok(spec)
    const [transcoder, ...others] = spec.initContainers
    assert.deepEqual([transcoder?.name, transcoder?.restartPolicy, others], ['transcoder', 'Always', []])
    assert.deepEqual(
      transcoder?.env.map(({ name, valueFrom }) => [name, valueFrom]),
      [
        ['NODE_OPTIONS', undefined],
        ['TRANSCODER_DIR', undefined],
      ],
    )
    assert.deepEqual(transcoder?.volumeMounts, [{ name: 'transcoder', mountPath: '/run/transcoder' }])
    assert.equal(transcoder?.['envFrom'], undefined)
    const sources = Object.fromEntries(spec.volumes.map(({ name, projected }) => [name, projected?.sources]))
    assert.deepEqual(
      [sources['transcoder'], sources['kubernetes']?.[0]],
      [undefined, { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }],
    )
    assert.deepEqual(spec.containers[0]?.volumeMounts.at(-1), {
      name: 'kubernetes',
      mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
      readOnly: true,
    })
    const directory = spec.containers[0]?.env.find(({ name }) => name === 'TRANSCODER_DIR')
    assert.equal(directory?.value, '/run/transcoder')
  })

  test('an ingest Pod may live longer than its encoders are drained', async () => {
    const pods = podsOf(await renderChart('ingest.drainSeconds=300'))
    const spec = pods.get('Deployment/mytaek1-ingest')?.spec
    assert.ok(spec?.terminationGracePeriodSeconds && spec.terminationGracePeriodSeconds > 350)
    assert.equal(spec.containers[0]?.env.find(({ name }) => name === 'RTMP_DRAIN_SECONDS')?.value, '300')
  })

  test('a stream Pod may live longer than it takes to hand its stream over', async () => {
    const spec = podsOf(await renderChart('stream.drainSeconds=100')).get('ConfigMap/mytaek1-stream-template')?.spec
    assert.ok(spec?.terminationGracePeriodSeconds && spec.terminationGracePeriodSeconds >= 120)
    assert.equal(spec.containers[0]?.env.find(({ name }) => name === 'STREAM_DRAIN_SECONDS')?.value, '100')
  })

  test("a stream's DVR window is kept to three quarters of its disk", async () => {
    const cases: [set: string[], bytes: string][] = [
      [[], '3221225472'],
      [['stream.diskLimit=1.5Gi'], '1207959552'],
      [['stream.diskLimit=2000000000'], '1500000000'],
    ]
    for (const [set, bytes] of cases) {
      const spec = podsOf(await renderChart(...set)).get('ConfigMap/mytaek1-stream-template')?.spec
      assert.equal(spec?.containers[0]?.env.find(({ name }) => name === 'DVR_MAX_BYTES')?.value, bytes)
    }
  })
})

suite('the ladder of a release', () => {
  const cases: [set: string, ladder: string | undefined, preset: string][] = [
    ['', undefined, 'veryfast'],
    ['stream.ladder=null,stream.encoderPreset=fast', undefined, 'fast'],
    ['stream.ladder=[]', 'none', 'veryfast'],
    [
      'stream.ladder=[{"height":720,"bitrateBps":2500000},{"height":360,"bitrateBps":600000}]',
      '720:2500000,360:600000',
      'veryfast',
    ],
  ]
  for (const [set, ladder, preset] of cases) {
    test(`${set || 'as delivered'}: streams are made with LADDER ${ladder ?? 'unset'}, preset ${preset}`, async () => {
      const spec = podsOf(await renderChart(...(set === '' ? [] : [set]))).get(
        'ConfigMap/mytaek1-stream-template',
      )?.spec
      const env = Object.fromEntries(spec?.containers[0]?.env.map(({ name, value }) => [name, value]) ?? [])
      assert.deepEqual([env['LADDER'], env['ENCODER_PRESET']], [ladder, preset])
    })
  }
})

suite('objects', () => {
  test('a Deployment with an autoscaler has no replicas, one without has', async () => {
    const scaled = ['commerce', 'payment', 'storefront', 'ingest', 'edge']
    const objects = await renderChart('edge.autoscaling.enabled=false')
    for (const name of scaled) {
      const deployment = find(objects, 'Deployment', `mytaek1-${name}`)
      const autoscaler = objects.some(
        ({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && metadata.name === `mytaek1-${name}`,
      )
      assert.equal(autoscaler, name !== 'edge', name)
      assert.equal('replicas' in deployment.spec, name === 'edge', name)
    }
    assert.equal(find(objects, 'Deployment', 'mytaek1-operator').spec['replicas'], 2)
  })

  test('no Pod leaves a Deployment before its successor is ready, and drains take one at a time', async () => {
    const objects = await renderChart()
    for (const { kind, metadata, spec } of objects) {
      if (kind !== 'Deployment') continue
      const { strategy } = z.looseObject({ strategy: z.looseObject({ rollingUpdate: z.unknown() }) }).parse(spec)
      assert.deepEqual(strategy.rollingUpdate, { maxUnavailable: 0, maxSurge: 1 }, metadata.name)
      if (metadata.name !== 'mytaek1-simulator')
        assert.equal(find(objects, 'PodDisruptionBudget', metadata.name).spec['maxUnavailable'], 1)
    }
  })

  test('every Service leads to a port of a Pod, every Ingress path to a Service', async () => {
    const objects = await renderChart('ingest.tls.secretName=cert')
    const pods = [...podsOf(objects).values()]
    const serviceShape = z.looseObject({
      selector: z.record(z.string(), z.string()),
      ports: z.array(z.object({ name: z.string(), port: z.number(), targetPort: z.string() })),
    })
    for (const { kind, metadata, spec } of objects) {
      if (kind !== 'Service') continue
      const { selector, ports } = serviceShape.parse(spec)
      const selected = pods.filter((pod) =>
        Object.entries(selector).every(([key, value]) => pod.metadata.labels[key] === value),
      )
      assert.equal(selected.length, 1, metadata.name)
      const names = selected[0]?.spec.containers.flatMap((container) => container.ports.map(({ name }) => name))
      for (const { targetPort } of ports) assert.ok(names?.includes(targetPort), `${metadata.name}: ${targetPort}`)
    }
    const { rules } = z
      .object({
        rules: z.array(
          z.object({ http: z.object({ paths: z.array(z.looseObject({ path: z.string(), backend: z.unknown() })) }) }),
        ),
      })
      .parse(find(objects, 'Ingress', 'mytaek1').spec)
    const routes = Object.fromEntries(
      rules.flatMap(({ http }) => http.paths.map(({ path: place, backend }) => [place, backend])),
    )
    const to = (component: string) => ({ service: { name: `mytaek1-${component}`, port: { name: 'http' } } })
    assert.deepEqual(routes, {
      '/': to('storefront'),
      '/api/commerce': to('commerce'),
      '/api/payment': to('payment'),
      '/hls': to('edge'),
      '/images': to('commerce'),
    })
  })

  test('encoders reach ingest through one LoadBalancer, by rtmps unless that is switched off', async () => {
    const service = async (...sets: string[]) => find(await renderChart(...sets), 'Service', 'mytaek1-rtmp').spec
    const secured = await service()
    assert.equal(secured['type'], 'LoadBalancer')
    assert.equal(secured['externalTrafficPolicy'], 'Local')
    assert.deepEqual(secured['ports'], [
      { name: 'rtmp', port: 1935, targetPort: 'rtmp' },
      { name: 'rtmps', port: 1936, targetPort: 'rtmps' },
    ])
    const plain = await service('ingest.tls.selfSigned=false')
    assert.deepEqual(plain['ports'], [{ name: 'rtmp', port: 1935, targetPort: 'rtmp' }])
  })

  test('the certificate made for rtmps names the public host and fits its key; one of your own takes its place', async () => {
    const objects = await renderChart('public.rtmpUrl=rtmps://live.example:1936/live')
    const { data } = find(objects, 'Secret', 'mytaek1-rtmps')
    const pem = (key: string) => Buffer.from(data[key] ?? '', 'base64')
    const certificate = new X509Certificate(pem('tls.crt'))
    assert.equal(certificate.checkHost('live.example'), 'live.example')
    assert.ok(certificate.checkPrivateKey(createPrivateKey(pem('tls.key'))))
    assert.ok(!(await renderText('ingest.tls.secretName=mine')).includes('mytaek1-rtmps'))
  })

  test('external stores: no server, no volume, the given addresses', async () => {
    const objects = await renderChart(
      'mariadb.embedded=false,mariadb.external.existingSecret=my-databases',
      'redis.embedded=false,redis.external.urls={redis://:a@one:6379,redis://:a@two:6379,redis://:a@three:6379}',
      's3.embedded=false,s3.external.endpoint=https://s3.example,s3.external.accessKeyId=id,s3.external.secretAccessKey=key',
    )
    assert.deepEqual(
      objects.filter(({ kind }) => kind === 'StatefulSet'),
      [],
    )
    const urls = secretsOf(objects).get('mytaek1-redis')?.get('urls')
    assert.equal(urls, 'redis://:a@one:6379,redis://:a@two:6379,redis://:a@three:6379')
    const env = podsOf(objects).get('Deployment/mytaek1-commerce')?.spec.containers[0]?.env
    assert.equal(env?.find(({ name }) => name === 'MYSQL_URL')?.valueFrom?.secretKeyRef?.name, 'my-databases')
    // images, recordings as they are made, recordings as they are watched
    for (const [owner, { spec }] of podsOf(objects)) {
      if (!/commerce$|edge$|stream-template$/.test(owner)) continue
      const value = (wanted: string) => spec.containers[0]?.env?.find(({ name }) => name === wanted)
      assert.equal(value('S3_ENDPOINT')?.value, 'https://s3.example', owner)
      assert.equal(value('S3_SECRET_ACCESS_KEY')?.valueFrom?.secretKeyRef?.name, 'mytaek1-s3', owner)
    }
  })

  test('an embedded store keeps to its own Secret, whatever is named under external', async () => {
    const objects = await renderChart(
      'mariadb.external.existingSecret=a,redis.external.existingSecret=b,s3.external.existingSecret=c',
    )
    for (const name of ['database', 'redis', 's3']) assert.ok(secretsOf(objects).has(`mytaek1-${name}`))
    assert.doesNotMatch(JSON.stringify([...podsOf(objects).values()]), /"name":"[abc]"/)
  })

  test('three embedded Redis masters are three addresses', async () => {
    const objects = await renderChart('redis.masters=3')
    assert.equal(find(objects, 'StatefulSet', 'mytaek1-redis').spec['replicas'], 3)
    const urls = secretsOf(objects).get('mytaek1-redis')?.get('urls')?.split(',') ?? []
    assert.deepEqual(
      urls.map((url) => new URL(url).hostname),
      ['mytaek1-redis-0.mytaek1-redis', 'mytaek1-redis-1.mytaek1-redis', 'mytaek1-redis-2.mytaek1-redis'],
    )
  })

  test('rights end at the namespace and name every verb', async () => {
    const objects = await renderChart()
    assert.deepEqual(
      objects.filter(({ kind }) => kind.startsWith('ClusterRole')),
      [],
    )
    const ruleShape = z.array(
      z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
    )
    for (const role of objects.filter(({ kind }) => kind === 'Role')) {
      for (const rule of ruleShape.parse(role['rules'])) {
        assert.ok(![...rule.apiGroups, ...rule.resources, ...rule.verbs].includes('*'), role.metadata.name)
      }
    }
  })

  test('each process may do to Broadcasts what it does, and nothing else', async () => {
    const objects = await renderChart()
    const ruleShape = z.array(z.object({ resources: z.array(z.string()), verbs: z.array(z.string()) }))
    const verbs = (component: string, resource: string) =>
      ruleShape
        .parse(find(objects, 'Role', `mytaek1-${component}`)['rules'])
        .flatMap((rule) => (rule.resources.includes(resource) ? rule.verbs : []))
    assert.deepEqual(verbs('edge', 'broadcasts'), ['list', 'watch'])
    assert.deepEqual(verbs('stream', 'broadcasts'), ['list', 'watch'])
    assert.deepEqual(verbs('ingest', 'broadcasts'), ['get', 'list', 'watch'])
    assert.deepEqual(verbs('commerce', 'broadcasts'), ['get', 'list', 'watch', 'create', 'patch', 'delete'])
    for (const writer of ['stream', 'ingest', 'operator'])
      assert.deepEqual(verbs(writer, 'broadcasts/status'), ['patch'])
    for (const reader of ['edge', 'commerce']) assert.deepEqual(verbs(reader, 'broadcasts/status'), [])
  })

  test('the definitions are kept on uninstall, and absent when told so', async () => {
    const definitions = (await renderChart()).filter(({ kind }) => kind === 'CustomResourceDefinition')
    assert.deepEqual(
      definitions.map(({ metadata }) => metadata.annotations['helm.sh/resource-policy']),
      ['keep', 'keep'],
    )
    assert.ok(!(await renderText('crds.enabled=false')).includes('CustomResourceDefinition'))
  })
})

test('a database that a later version needs is made at the upgrade: MariaDB starts anew for other SQL', async () => {
  const objects = await renderChart()
  const script = find(objects, 'ConfigMap', 'mytaek1-mariadb').data['start.sh'] ?? ''
  const [, sql = ''] = /<<SQL\n(.*?)\nSQL\n/s.exec(script) ?? []
  assert.match(sql, /CREATE DATABASE IF NOT EXISTS simulator;/)
  const { metadata } = podsOf(objects).get('StatefulSet/mytaek1-mariadb') ?? {}
  const annotations = z.record(z.string(), z.string()).parse(metadata?.['annotations'])
  assert.equal(annotations['checksum/sql'], createHash('sha256').update(sql).digest('hex'))
})
