/** What holds for every Pod that the chart makes, one by one: the profile "restricted", and what its container has to say. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { podsOf, renderChart, type PodTemplate } from './helm.ts'
import { keepsTo, restrictedControls } from './pod-security.ts'

const everything = await renderChart(
  'edge.door.enabled=true',
  'edge.door.tls.secretName=door',
  'mail.sink.enabled=true',
  'redis.masters=3',
)
const pods = [...podsOf(everything)]
const containersOf = ({ spec }: PodTemplate) => [...spec.initContainers, ...spec.containers]

const rules: [name: string, holds: (pod: PodTemplate) => boolean][] = [
  [
    'asks for CPU and memory',
    (pod) => containersOf(pod).every(({ resources: { requests } }) => 'cpu' in requests && 'memory' in requests),
  ],
  [
    'has a limit of memory, and none of CPU',
    (pod) => containersOf(pod).every(({ resources: { limits } }) => 'memory' in limits && !('cpu' in limits)),
  ],
  [
    'writes to volumes only',
    (pod) => containersOf(pod).every(({ securityContext }) => securityContext.readOnlyRootFilesystem),
  ],
  ['has no variable of each Service', ({ spec }) => spec['enableServiceLinks'] === false],
  [
    'is called by its component',
    ({ metadata }) =>
      metadata.labels['app.kubernetes.io/name'] === 'mytaek1' && 'app.kubernetes.io/component' in metadata.labels,
  ],
  [
    'says when it is pulled',
    (pod) => containersOf(pod).every((container) => container['imagePullPolicy'] === 'IfNotPresent'),
  ],
  ['has an end', ({ spec }) => (spec.terminationGracePeriodSeconds ?? 30) >= 30],
  [
    'has names that are told apart',
    (pod) => new Set(containersOf(pod).map(({ name }) => name)).size === containersOf(pod).length,
  ],
]

test('all of them are looked at', () => {
  // 9 Deployments, 3 StatefulSets, 3 Jobs, a CronJob, the stream template
  assert.equal(pods.length, 17)
})

for (const [owner, pod] of pods) {
  suite(owner, () => {
    for (const control of restrictedControls)
      test(`restricted: ${control}`, () => assert.ok(keepsTo(control, pod.spec), JSON.stringify(pod.spec)))
    for (const [name, holds] of rules) test(name, () => assert.ok(holds(pod), JSON.stringify(pod.spec)))
  })
}

suite('the profile refuses', () => {
  const [, sound] = pods[0] ?? []
  const container = sound?.spec.containers[0]
  const wrong: [control: string, more: object][] = [
    ['no namespaces of the host', { hostNetwork: true }],
    ['no ports of the host', { containers: [{ ...container, ports: [{ containerPort: 80, hostPort: 80 }] }] }],
    ['nothing privileged', { containers: [{ securityContext: { privileged: true } }] }],
    ['no host processes', { securityContext: { windowsOptions: { hostProcess: true } } }],
    ['volumes that are not the host’s', { volumes: [{ name: 'a', hostPath: { path: '/' } }] }],
    ['no more privileges than at its start', { containers: [{}] }],
    ['not as root', { securityContext: {} }],
    ['not as user 0', { securityContext: { runAsUser: 0 } }],
    ['a seccomp profile', { securityContext: { seccompProfile: { type: 'Unconfined' } } }],
    ['all capabilities dropped', { initContainers: [{ securityContext: { capabilities: { drop: ['NET_RAW'] } } }] }],
    [
      'no capability but to bind a low port',
      { containers: [{ securityContext: { capabilities: { add: ['SYS_TIME'] } } }] },
    ],
    ['the default /proc', { containers: [{ securityContext: { procMount: 'Unmasked' } }] }],
    ['safe sysctls', { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }],
    ['AppArmor not switched off', { securityContext: { appArmorProfile: { type: 'Unconfined' } } }],
    ['no SELinux type of its own', { securityContext: { seLinuxOptions: { type: 'spc_t' } } }],
  ]
  for (const [control, more] of wrong)
    test(`what breaks "${control}"`, () => assert.ok(!keepsTo(control, { ...sound?.spec, ...more })))
  test('each control has its case', () =>
    assert.deepEqual(wrong.map(([control]) => control).sort(), restrictedControls.toSorted()))
})
