import assert from 'node:assert/strict'
import test from 'node:test'
import { fillIn } from '../install/addons/apply.ts'
import { debianMirrors, parseAptTargets, sourcesList } from '../build/base-image.ts'
import { imageRoute, loadCommand, NoImageRouteError } from '../install/current-context.ts'
import { testPatternArgs } from '../install/demo.ts'
import { pathsFor } from '../host/paths.ts'
import { formatElapsed } from '../host/progress.ts'
import { publicUrls, releaseValues, unreadiness } from '../install/release.ts'
import { bytesOf, podMemory } from './status.ts'

test('two checkouts have two folders, and MYTAEK1_CACHE moves both', () => {
  const one = pathsFor({ MYTAEK1_CACHE: '/cache' }, '/a')
  const two = pathsFor({ MYTAEK1_CACHE: '/cache' }, '/b')
  assert.equal(one.cache, '/cache')
  assert.notEqual(one.state, two.state)
  assert.notEqual(one.checkoutKey, two.checkoutKey)
})

test('the cache follows XDG_CACHE_HOME', () => {
  assert.equal(pathsFor({ XDG_CACHE_HOME: '/xdg' }, '/a').cache, '/xdg/mytaek1')
})

test('a manifest that asks for an unknown value is refused', () => {
  assert.equal(fillIn('image: ${A}', { A: 'x' }), 'image: x')
  assert.throws(() => fillIn('image: ${B}', { A: 'x' }), /\$\{B\}/)
})

test('the Debian mirror is the one of the machine', () => {
  const targets = parseAptTargets(
    'Other|Other|http://o/\nDebian|Debian-Security|http://s/\nDebian|Debian|http://d/\nDebian|Debian|http://d/\n',
  )
  assert.equal(targets.length, 3)
  const mirrors = debianMirrors(targets)
  assert.deepEqual(mirrors, { main: 'http://d/', security: 'http://s/' })
  assert.match(sourcesList(mirrors), /^deb http:\/\/s\/ bookworm-security main$/m)
})

test('a machine without a Debian archive is told the variable', () => {
  assert.throws(() => debianMirrors([]), /MYTAEK1_DEBIAN_MIRROR/)
  assert.deepEqual(debianMirrors([], 'http://d/'), { main: 'http://d/' })
})

test('a workload is ready when its newest Pods are', () => {
  const workload = (spec: object, status: object): Parameters<typeof unreadiness>[0] => ({
    kind: 'Deployment',
    metadata: { name: 'commerce', generation: 2 },
    spec,
    status,
  })
  assert.equal(
    unreadiness(
      workload({ replicas: 2 }, { observedGeneration: 2, updatedReplicas: 2, readyReplicas: 2, replicas: 2 }),
    ),
    undefined,
  )
  assert.equal(
    unreadiness(
      workload({ replicas: 2 }, { observedGeneration: 2, updatedReplicas: 2, readyReplicas: 1, replicas: 2 }),
    ),
    'commerce 1/2',
  )
  assert.equal(
    unreadiness(
      workload({ replicas: 2 }, { observedGeneration: 1, updatedReplicas: 2, readyReplicas: 2, replicas: 2 }),
    ),
    'commerce 2/2',
  )
  assert.equal(
    unreadiness(
      workload({ replicas: 2 }, { observedGeneration: 2, updatedReplicas: 2, readyReplicas: 2, replicas: 3 }),
    ),
    'commerce 2/2',
  )
  assert.equal(unreadiness(workload({ replicas: 0 }, { observedGeneration: 2 })), undefined)
})

test('the chart is told its images and where people reach it', () => {
  const urls = publicUrls({ http: 8080, https: 8443, rtmp: 1935, rtmps: 1936 })
  assert.deepEqual(releaseValues([{ app: 'media', repository: 'mytaek1/media', tag: 'abc' }], urls, 'host/x/'), {
    images: { media: { repository: 'host/x/mytaek1/media', tag: 'abc' } },
    public: { httpUrl: 'http://127.0.0.1:8080', rtmpUrl: 'rtmp://127.0.0.1:1935/live' },
    mail: { sink: { enabled: true } }, // so that links in mails can be followed where nothing is sent
  })
})

test('the context decides how images reach a cluster of someone else', () => {
  assert.deepEqual(imageRoute('kind-dev', undefined), { kind: 'kind', cluster: 'dev' })
  assert.deepEqual(imageRoute('k3d-dev', undefined), { kind: 'k3d', cluster: 'dev' })
  assert.deepEqual(imageRoute('minikube', undefined), { kind: 'minikube', profile: 'minikube' })
  assert.deepEqual(imageRoute('kind-dev', 'host/x/'), { kind: 'registry', registry: 'host/x' })
  assert.throws(() => imageRoute('production', undefined), NoImageRouteError)
  assert.deepEqual(loadCommand({ kind: 'kind', cluster: 'dev' }, 'f.tar', true), [
    'kind',
    ['load', 'image-archive', 'f.tar', '--name', 'dev'],
  ])
})

test('memory is summed over the containers of a Pod, largest Pod first', () => {
  const pod = (name: string, ...memory: string[]): object => ({
    metadata: { name },
    containers: memory.map((one) => ({ usage: { memory: one } })),
  })
  assert.deepEqual(podMemory({ items: [pod('small', '1Mi'), pod('large', '1Gi', '1024Ki')] }), [
    { pod: 'large', bytes: 1024 ** 3 + 1024 ** 2 },
    { pod: 'small', bytes: 1024 ** 2 },
  ])
  assert.equal(bytesOf('17'), 17)
  assert.throws(() => bytesOf('1.5Gi'), /not a memory quantity/)
})

test('the test pattern sends a keyframe every two seconds in real time', () => {
  const line = testPatternArgs('rtmp://h/live/k').join(' ')
  assert.match(line, /^-hide_banner .*-re .*rate=30 .*-g 60 .*-f flv rtmp:\/\/h\/live\/k$/)
})

test('elapsed time reads as people say it', () => {
  assert.deepEqual([400, 12_000, 185_000].map(formatElapsed), ['0.4 s', '12 s', '3 min 05 s'])
})
