/** Releases on a real apiserver: what Helm finds there changes what it renders. No controller runs here, so no Pod does. */
import assert from 'node:assert/strict'
import { cp, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectPatiently } from '@mytaek1/platform/testing/patient-api.ts'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { startLocalApiserver, type LocalApiserver } from '../../../k8s-tests/cluster/node/local-apiserver.ts'
import { pathsFor } from '../../../k8s-tests/cluster/host/paths.ts'
import { run } from '../../../k8s-tests/cluster/host/run.ts'
import { ensureTools } from '../../../k8s-tests/cluster/build/toolchain.ts'
import { isMadeByHelm } from '../../../operator/src/made-by-helm.ts'
import { chartFolder, podShape, podsOf, renderChart, type PodTemplate } from './helm.ts'
import { keepsTo, restrictedControls } from './pod-security.ts'

let server: LocalApiserver
let kube: string
let helmProgram: string

const helm = (...args: string[]) =>
  run(helmProgram, [...args, '--kubeconfig', server.kubeconfigPath], { timeoutMs: 300_000 })
const kubectl = (args: string[], input?: string) =>
  run(kube, ['kubectl', '--kubeconfig', server.kubeconfigPath, ...args], {
    timeoutMs: 300_000,
    ...(input === undefined ? {} : { input }),
  })
const get = async (namespace: string, ...what: string[]) => {
  const text = await kubectl(['get', '-n', namespace, ...what, '-o', 'json'])
  return JSON.parse(text) as Record<string, unknown>
}
const field = async (namespace: string, object: string, jsonpath: string) =>
  await kubectl(['get', '-n', namespace, object, '-o', `jsonpath=${jsonpath}`])
/** Another release beside others has no definitions of its own. */
const install = (name: string, namespace: string, ...more: string[]) =>
  helm('install', name, chartFolder, '-n', namespace, '--create-namespace', '--set', 'crds.enabled=false', ...more)
const upgrade = (name: string, namespace: string, ...more: string[]) =>
  helm('upgrade', name, chartFolder, '-n', namespace, '--set', 'crds.enabled=false', ...more)
/** What an upgrade would send, hooks among it. */
const planned = async (name: string, namespace: string, ...more: string[]) => {
  const text = await upgrade(name, namespace, '--dry-run=server', ...more)
  const yaml = text.slice(text.indexOf('---'), text.indexOf('\nNOTES:'))
  const shape = z.looseObject({
    kind: z.string(),
    metadata: z.looseObject({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
  })
  return parseAllDocuments(yaml.replaceAll(/^(MANIFEST|HOOKS):$/gm, '')).flatMap((one) => {
    const found = shape.safeParse(one.toJS())
    return found.success ? [found.data] : []
  })
}

before(async () => {
  const tools = await ensureTools(pathsFor(process.env).cache, ['kube', 'helm'])
  kube = tools.kube
  helmProgram = process.env['HELM'] ?? tools.helm
  server = await startLocalApiserver()
})
after(() => server.stop())

suite('a release', () => {
  test('its hooks are there when Helm itself runs, and only then', async () => {
    await install('hooked', 'hooked')
    const hooks = await helm('get', 'hooks', 'hooked', '-n', 'hooked')
    assert.match(hooks, /helm\.sh\/hook: pre-delete/)
    assert.match(hooks, /helm\.sh\/hook: test/)
    assert.match(await field('hooked', 'role/hooked-uninstall', '{.rules}'), /broadcasts/)
  })

  test('the Pods of its hooks have what is set for them: of the end, what is set for the operator', async () => {
    const pod = JSON.stringify({
      labels: { team: 'a' },
      extraEnv: [{ name: 'OF_THE_TEAM', value: 'b' }],
      extraVolumes: [{ name: 'more', configMap: { name: 'more' } }],
      extraVolumeMounts: [{ name: 'more', mountPath: '/more' }],
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a/zone', whenUnsatisfiable: 'DoNotSchedule' }],
    })
    const sets = ['operator', 'test'].flatMap((name) => ['--set-json', `${name}.pod=${pod}`])
    const objects = await planned('hooked', 'hooked', ...sets, '--set', 'commonLabels.owner=live')
    for (const [kind, name] of [
      ['Job', 'hooked-uninstall'],
      ['Pod', 'hooked-test'],
    ] as const) {
      const hook = objects.find((one) => one.kind === kind && one.metadata.name === name)
      for (const part of [
        '"team":"a"',
        '"owner":"live"',
        '"name":"OF_THE_TEAM"',
        '"mountPath":"/more"',
        '"topologyKey":"a/zone"',
      ])
        assert.ok(JSON.stringify(hook).includes(part), `${name}: ${part}`)
    }
  })

  test('its test plays a show unless told not to, pays where cards are simulated, and knows no Secret', async () => {
    const testPod = async (...sets: string[]) => {
      const objects = await planned('hooked', 'hooked', ...sets)
      const pod = objects.find((one) => one.kind === 'Pod' && one.metadata.name === 'hooked-test')
      const { spec } = z.looseObject({ spec: podShape }).parse(pod)
      assert.deepEqual(
        restrictedControls.filter((control) => !keepsTo(control, spec)),
        [],
      )
      assert.equal(spec.automountServiceAccountToken, false)
      const [container] = spec.containers
      assert.doesNotMatch(JSON.stringify(container), /secret/i)
      return { container, env: new Map(container?.env.map(({ name, value }) => [name, value])) }
    }
    const { container, env } = await testPod(
      '--set-string',
      'test.resources.limits.memory=512Mi,test.env.TEST_SECONDS=60',
    )
    assert.deepEqual(container?.['args'], ['release-test'])
    assert.match(container?.image ?? '', /mytaek1\/media/)
    assert.equal(container?.resources.limits['memory'], '512Mi')
    const asDelivered = ['true', 'KRW', 'rtmp://hooked-rtmp:1935/live', '60']
    assert.deepEqual(
      ['LIVE_SHOW', 'SIMULATED_CURRENCY', 'RTMP_URL', 'TEST_SECONDS'].map((name) => env.get(name)),
      asDelivered,
    )
    const gateways = (list: object[]) => ['--set-json', `payment.gateways=${JSON.stringify(list)}`]
    const real = { name: 'toss', existingSecret: 'toss', currencies: ['KRW'] }
    const https = ['--set', 'public.httpUrl=https://shop.example']
    for (const [list, currency] of [
      [[{ name: 'simulator', currencies: ['EUR', 'KRW'] }], 'EUR'],
      [[{ name: 'simulator', keyIn: false }], undefined],
      [[{ name: 'simulator', methods: ['transfer'] }], undefined],
      [[real, { name: 'simulator' }], undefined],
    ] as const)
      assert.equal((await testPod(...gateways([...list]), ...https)).env.get('SIMULATED_CURRENCY'), currency)
    const proxies = 'ingest.proxyProtocol.trustedProxies={10.0.0.0/8,192.0.2.0/24}'
    const off = (await testPod('--set', 'test.liveShow.enabled=false', '--set', proxies)).env
    assert.deepEqual([off.get('LIVE_SHOW'), off.get('RTMP_TRUSTED_PROXIES')], ['false', '10.0.0.0/8,192.0.2.0/24'])
    // no Prometheus Operator is here
    const files = ['--values', path.join(chartFolder, 'values-production.yaml'), '--set', 'monitoring.enabled=false']
    const production = await testPod(...files)
    assert.deepEqual([production.env.get('LIVE_SHOW'), production.env.get('SIMULATED_CURRENCY')], ['true', undefined])
  })

  test('a second one in the namespace is refused by the name of the first, before anything is made', async () => {
    await assert.rejects(
      install('second', 'hooked'),
      /the namespace hooked has the release hooked of this chart already.*install second into a namespace of its own/,
    )
    const of = ['-l', 'app.kubernetes.io/instance=second']
    const kinds = 'deployments,statefulsets,secrets,services,serviceaccounts,jobs,roles,configmaps'
    assert.deepEqual((await get('hooked', kinds, ...of))['items'], [])
    // the same chart elsewhere, another chart's release here
    await install('second', 'elsewhere')
    await upgrade('hooked', 'hooked', '--set', 'logLevel=debug')
  })

  test('7eleven and shop.v2 are refused before anything is made', async () => {
    for (const name of ['7eleven', 'shop.v2']) {
      await assert.rejects(install(name, 'names'), /the release cannot be called/)
      await kubectl(['get', 'namespace', 'names', '--ignore-not-found']).then((text) => assert.equal(text, ''))
    }
  })

  test('one of 53 characters in a namespace of 63 is taken whole', async () => {
    await install(
      'r'.repeat(53),
      'n'.repeat(63),
      '--set',
      'redis.masters=3,networkPolicy.enabled=true,quotas.maxBroadcasts=9',
    )
  })

  test('what was generated stays, whatever else changes', async () => {
    const secrets = async () =>
      await field(
        'hooked',
        'secrets',
        '{range .items[?(@.type!="helm.sh/release.v1")]}{.metadata.name}{.data}{"\\n"}{end}',
      )
    const held = await secrets()
    assert.equal(held.trim().split('\n').length, 5)
    await upgrade('hooked', 'hooked', '--set', 'images.commerce.tag=v2', '--reuse-values')
    assert.equal(await secrets(), held)
  })

  test('values that --reuse-values brings from an older chart are refused with the flag that helps', async () => {
    const older = path.join(server.folder, 'older')
    await cp(chartFolder, older, { recursive: true })
    // that chart had neither the mark nor what came with it
    const values = (await readFile(path.join(older, 'values.yaml'), 'utf8'))
      .replace(/^valuesOf: .*$/m, '')
      .replace(/^auth:\n(?: .*\n|\n)+/m, '')
    await writeFile(path.join(older, 'values.yaml'), values)
    await writeFile(path.join(older, 'values.schema.json'), '{}')
    for (const later of [
      'commerce/',
      'payment/',
      'edge/',
      'simulator/',
      'checks/',
      'release/own-secrets.yaml',
      'operator/',
      'ingress/',
    ])
      await writeFile(path.join(older, '.helmignore'), `templates/${later}\n`, { flag: 'a' })
    await helm('install', 'old', older, '-n', 'old', '--create-namespace', '--set', 'crds.enabled=false')
    await assert.rejects(
      upgrade('old', 'old', '--reuse-values'),
      /values of an older chart.*--reuse-values.*--reset-then-reuse-values/,
    )
    await upgrade('old', 'old', '--reset-then-reuse-values')
  })
})

suite('Pod Security', () => {
  test('the apiserver admits every Pod of the chart where it enforces "restricted"', async () => {
    const namespace = 'restricted'
    await kubectl(['create', 'namespace', namespace])
    await kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted'])
    const pods = podsOf(await renderChart('edge.door.enabled=true', 'mail.sink.enabled=true'))
    assert.ok(pods.size > 15)
    // the claims of a StatefulSet's Pods are made by its controller
    const specOf = ({ spec }: PodTemplate) => ({
      ...spec,
      volumes: [
        ...spec.volumes,
        ...(spec.volumes.some(({ name }) => name === 'data') ? [] : [{ name: 'data', emptyDir: {} }]),
      ],
    })
    const items = [...pods.values()].map((pod, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${index}`, labels: pod.metadata.labels },
      spec: specOf(pod),
    }))
    const create = (list: object[]) =>
      kubectl(
        ['create', '-n', namespace, '--dry-run=server', '-f', '-'],
        JSON.stringify({ apiVersion: 'v1', kind: 'List', items: list }),
      )
    assert.equal((await create(items)).trim().split('\n').length, pods.size)
    const [first] = items
    await assert.rejects(
      create([{ ...first, spec: { ...first?.spec, hostPID: true } }]),
      /violates PodSecurity "restricted/,
    )
  })
})

suite('replicas', () => {
  const replicas = async () => await field('scaled', 'deployment/scaled-edge', '{.spec.replicas}')

  test('six Pods stay six when the autoscaler is switched on, and what it made of them stays at every upgrade', async () => {
    await install('scaled', 'scaled', '--set', 'edge.replicas=6,edge.autoscaling.enabled=false')
    assert.equal(await replicas(), '6')
    await upgrade('scaled', 'scaled')
    assert.equal(await replicas(), '6')
    await kubectl(['-n', 'scaled', 'scale', 'deployment/scaled-edge', '--replicas=7'])
    await upgrade('scaled', 'scaled', '--set', 'logLevel=debug')
    assert.equal(await replicas(), '7')
    await upgrade('scaled', 'scaled', '--set', 'edge.replicas=3,edge.autoscaling.enabled=false')
    assert.equal(await replicas(), '3')
  })

  test('a first install begins with what the autoscaler would make of it', async () => {
    assert.equal(await field('scaled', 'deployment/scaled-commerce', '{.spec.replicas}'), '2')
  })
})

suite('volumes', () => {
  const claim = (name: string, size: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } },
  })
  const size = 'mariadb.persistence.size=20Gi'

  test('a larger size is refused with the command that grows the volume, and taken once it has grown', async () => {
    await install('grown', 'grown')
    // the StatefulSet controller's work
    await kubectl(['-n', 'grown', 'apply', '-f', '-'], JSON.stringify(claim('data-grown-mariadb-0', '8Gi')))
    await assert.rejects(
      upgrade('grown', 'grown', '--set', size),
      /data-grown-mariadb-0 has 8Gi.*cannot make it 20Gi.*kubectl -n grown patch pvc data-grown-mariadb-0/,
    )
    // no controller grows it here, or takes its finalizer away
    await kubectl(['-n', 'grown', 'patch', 'pvc', 'data-grown-mariadb-0', '-p', '{"metadata":{"finalizers":null}}'])
    await kubectl(['-n', 'grown', 'delete', 'pvc', 'data-grown-mariadb-0'])
    await kubectl(['-n', 'grown', 'apply', '-f', '-'], JSON.stringify(claim('data-grown-mariadb-0', '20Gi')))
    await upgrade('grown', 'grown', '--set', size)
    // smaller than it is, in other words for the same, and with more masters
    await upgrade('grown', 'grown', '--set', 'mariadb.persistence.size=21474836480,redis.masters=3')
    await upgrade('grown', 'grown')
  })

  test('another StorageClass is refused in words', () =>
    assert.rejects(
      upgrade('grown', 'grown', '--set', 's3.persistence.storageClass=fast'),
      /s3\.persistence\.storageClass: the volumes of grown-s3 were made with "".*cannot be changed to "fast"/,
    ))
})

suite('migrations', () => {
  const jobs = async (...more: string[]) =>
    (await planned('moved', 'moved', ...more))
      .filter(({ kind, metadata }) => kind === 'Job' && metadata.name.includes('migrate'))
      .map(({ metadata }) => metadata.annotations['helm.sh/hook'])

  test('run before the new Pods once the database serves, and beside them when it is another one', async () => {
    await install('moved', 'moved')
    assert.deepEqual(await jobs('--set', 'images.commerce.tag=v2'), [undefined, undefined])
    const ready = JSON.stringify({ status: { replicas: 1, readyReplicas: 1 } })
    const status = ['--subresource=status', '--type=merge', '-p', ready]
    await kubectl(['-n', 'moved', 'patch', 'statefulset/moved-mariadb', ...status])
    assert.deepEqual(await jobs('--set', 'images.commerce.tag=v2'), ['pre-upgrade', 'pre-upgrade'])
    assert.deepEqual(await jobs('--set', 'mariadb.existingSecret=mine'), [undefined, undefined])
    const external = 'mariadb.embedded=false,mariadb.external.existingSecret=theirs'
    assert.deepEqual(await jobs('--set', external), [undefined, undefined])
  })
})

suite('without Helm', () => {
  const rendered = async (...sets: string[]) =>
    await run(helmProgram, ['template', 'shop', chartFolder, '-n', 'applied', ...sets.flatMap((set) => ['--set', set])])
  const apply = async (...sets: string[]) =>
    await kubectl(['-n', 'applied', 'apply', '-f', '-'], await rendered(...sets))
  /** Applies an object whose definition is established: kubectl is told of its kind a moment later. */
  const applyOnceKnown = async (namespace: string, object: object) => {
    const deadline = Date.now() + 120_000
    for (;;) {
      try {
        return await kubectl(['-n', namespace, 'apply', '-f', '-'], JSON.stringify(object))
      } catch (error) {
        if (!/no matches for kind/.test(String(error)) || Date.now() > deadline) throw error
        await sleep(200)
      }
    }
  }
  /** Its own objects: those of the whole cluster and the one that is shared are left out. */
  const onlyOf = (release: string, text: string) =>
    text
      .split(/^---$/m)
      .filter((one) => new RegExp(`^  name: "?${release}-`, 'm').test(one))
      .join('\n---\n')
  const given =
    'auth.existingSecret=a,mariadb.existingSecret=b,redis.existingSecret=c,s3.existingSecret=d,ingest.tls.secretName=e'

  test('helm template | kubectl apply, and again with another tag: both work, nothing is destroyed', async () => {
    await kubectl(['create', 'namespace', 'applied'])
    // as with Helm the definitions come first; the apiserver serves them a moment later
    await apply(given)
    await kubectl(['wait', '--for=condition=Established', 'crd/broadcasts.live.mytaek1.dev', '--timeout=240s'])
    const broadcast = {
      apiVersion: 'live.mytaek1.dev/v1alpha1',
      kind: 'Broadcast',
      metadata: { name: 'mine' },
      spec: { title: 'mine', seller: 'ann', streamKey: { sha256: 'a'.repeat(64) } },
    }
    await applyOnceKnown('applied', broadcast)
    const uid = await field('applied', 'broadcast/mine', '{.metadata.uid}')
    const tags = ['commerce', 'payment', 'storefront', 'operator', 'media'].map((name) => `images.${name}.tag=v2`)
    await apply(given, ...tags, 'commerce.resources.requests.cpu=200m')
    assert.equal(await field('applied', 'broadcast/mine', '{.metadata.uid}{.metadata.deletionTimestamp}'), uid)
    assert.match(await field('applied', 'deployment/shop-edge', '{..image}'), /media:v2/)
    const jobs = await field('applied', 'jobs', '{.items[*].metadata.name}')
    assert.equal(jobs.split(' ').length, 4, jobs)
    assert.doesNotMatch(jobs, /uninstall/)
    assert.equal((await kubectl(['-n', 'applied', 'get', 'pods', '-o', 'name'])).trim(), '')
    // a third time makes nothing
    assert.doesNotMatch(await apply(given, ...tags, 'commerce.resources.requests.cpu=200m'), / created$/m)
  })

  test('without Secrets given a Job makes them once; the next apply keeps them, and Helm takes them over', async () => {
    await kubectl(['create', 'namespace', 'trial'])
    const text = (...sets: string[]) =>
      run(helmProgram, [
        'template',
        'trial',
        chartFolder,
        '-n',
        'trial',
        '--set',
        ['crds.enabled=false', ...sets].join(),
      ])
    const job = z.looseObject({
      kind: z.literal('Job'),
      spec: z.object({
        template: z.object({
          spec: z.object({
            containers: z.tuple([
              z.object({ env: z.array(z.object({ name: z.string(), value: z.string().optional() })) }),
            ]),
          }),
        }),
      }),
    })
    /** Applies, then does what kubelet would: no controller runs here. */
    const applyAndRun = async (rendered: string) => {
      await kubectl(['-n', 'trial', 'apply', '-f', '-'], onlyOf('trial', rendered))
      const jobs = parseAllDocuments(rendered).flatMap((one) => job.safeParse(one.toJS()).data ?? [])
      const env = jobs.flatMap(({ spec }) => spec.template.spec.containers[0].env)
      const recipe = env.find(({ name }) => name === 'SECRETS')?.value ?? '[]'
      await run(process.execPath, [path.resolve(chartFolder, '../../operator/src/own-secrets/main.ts')], {
        env: { KUBECONFIG: server.kubeconfigPath, NAMESPACE: 'trial', SECRETS: recipe.replaceAll('$$(', '$(') },
        timeoutMs: 300_000,
      })
    }
    const held = () =>
      field('trial', 'secrets', '{range .items[?(@.type=="Opaque")]}{.metadata.name}{.data}{"\\n"}{end}')
    await applyAndRun(await text())
    const first = await held()
    assert.deepEqual(
      first
        .trim()
        .split('\n')
        .map((line) => /^trial-\w+/.exec(line)?.[0]),
      ['trial-auth', 'trial-database', 'trial-redis', 'trial-s3'],
    )
    await applyAndRun(await text('images.commerce.tag=v2'))
    assert.equal(await held(), first)
    // Helm asks for its mark on what it is to take over; the rest of the release has none
    await kubectl(['-n', 'trial', 'delete', '-f', '-', '--wait=false'], onlyOf('trial', await text()))
    await kubectl(['-n', 'trial', 'delete', 'configmap/mytaek1-one-release-a-namespace', '--ignore-not-found'])
    await install('trial', 'trial')
    assert.equal(await held(), first)
  })

  test('the hook itself, rendered by a Helm that looks at the cluster and then applied, ends nothing', async () => {
    const text = await helm('template', 'shop', chartFolder, '-n', 'applied', '--dry-run=server', '--set', given)
    const hook = text.split(/^---$/m).filter((one) => /^ {2}name: shop-uninstall$/m.test(one))
    await kubectl(['-n', 'applied', 'apply', '-f', '-'], hook.join('\n---\n'))
    const environment = { KUBECONFIG: server.kubeconfigPath, NAMESPACE: 'applied', JOB_NAME: 'shop-uninstall' }
    const said = await run(process.execPath, [path.resolve(chartFolder, '../../operator/src/uninstall.ts')], {
      env: { ...environment, OPERATOR_DEPLOYMENT: 'shop-operator', GRACE_SECONDS: '1' },
      timeoutMs: 300_000,
    })
    assert.match(said, /Helm did not make this Job.*uninstall\.refused/)
    assert.equal(await field('applied', 'broadcast/mine', '{.metadata.deletionTimestamp}'), '')
    assert.notEqual(await field('applied', 'deployment/shop-operator', '{.spec.replicas}'), '0')
  })

  test('a hook that Helm runs is known by who wrote it', async () => {
    await install('gone', 'gone')
    // no controller ends the Job: Helm waits for it until it is seen
    const seen = new AbortController()
    const uninstall = ['uninstall', 'gone', '-n', 'gone', '--timeout', '600s', '--kubeconfig', server.kubeconfigPath]
    const uninstalled = assert.rejects(run(helmProgram, uninstall, { signal: seen.signal }))
    await kubectl(['-n', 'gone', 'wait', '--for=create', 'job/gone-uninstall', '--timeout=240s'])
    const job = await kubectl(['-n', 'gone', 'get', 'job/gone-uninstall', '--show-managed-fields', '-o', 'json'])
    const api = await connectPatiently({ kubeconfig: server.kubeconfigPath })
    assert.equal(await isMadeByHelm({ api, namespace: 'gone', job: 'gone-uninstall' }), true, job)
    api.close()
    seen.abort()
    await uninstalled
  })

  test('a second release is refused by an object that says so, and none of its processes would start', async () => {
    const second = await run(helmProgram, [
      'template',
      'late',
      chartFolder,
      '-n',
      'applied',
      '--set',
      `crds.enabled=false,${given}`,
    ])
    await assert.rejects(
      kubectl(['-n', 'applied', 'apply', '-f', '-'], second),
      /"mytaek1-one-release-a-namespace" is invalid: data: Forbidden: field is immutable/,
    )
    const [key] = Object.keys(
      z
        .object({ data: z.record(z.string(), z.string()) })
        .parse(await get('applied', 'configmap/mytaek1-one-release-a-namespace')).data,
    )
    assert.equal(key, 'shop')
    const wanted = '{..env[?(@.name=="RELEASE_OF_NAMESPACE")].valueFrom.configMapKeyRef.key}'
    assert.equal(await field('applied', 'deployment/late-operator', wanted), 'late')
    await kubectl(['-n', 'applied', 'delete', '-f', '-', '--ignore-not-found', '--wait=false'], onlyOf('late', second))
    // the first one goes on
    await apply(given, 'logLevel=debug')
  })

  test('six Pods asked for stay six under the autoscaler', async () => {
    await apply(given, 'edge.replicas=6,edge.autoscaling.enabled=false')
    await apply(given, 'edge.replicas=6,edge.autoscaling.enabled=true')
    assert.equal(await field('applied', 'deployment/shop-edge', '{.spec.replicas}'), '6')
  })

  test('Helm takes the applied objects over only when it is told to, and the definitions by the words of the README', async () => {
    const own = ['install', 'shop', chartFolder, '-n', 'adopted', '--create-namespace']
    await assert.rejects(helm(...own), /broadcasts\.live\.mytaek1\.dev.*cannot be imported/)
    const readme = await readFile(path.join(chartFolder, 'README.md'), 'utf8')
    const commands = readme.match(/^kubectl (label|annotate) crd .*$/gm) ?? []
    assert.equal(commands.length, 2)
    for (const command of commands) {
      const words = command.replaceAll('=mytaek1', '=shop').replace('namespace=shop', 'namespace=adopted').split(' ')
      await kubectl(words.slice(1))
    }
    await helm(...own)
  })
})
