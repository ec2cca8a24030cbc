/** Every shape of what is rendered, held against the API of three versions of Kubernetes. */
import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { renderValues } from '../helm.ts'
import { kubeconform, type Manifests } from './kubeconform.ts'
import { kubernetesVersions } from './schema-folder.ts'
import { valueSets } from './value-sets.ts'

const objectShape = z.looseObject({ kind: z.string(), data: z.record(z.string(), z.string()).optional() })

const rendersAtOnce = 4

const manifests: Manifests[] = []
before(async () => {
  const left = [...valueSets]
  const renderOn = async (): Promise<void> => {
    for (let set = left.shift(); set !== undefined; set = left.shift()) {
      const text = await renderValues(set.values, set.capabilities)
      manifests.push({ name: set.name, text: [text, ...streamPodsOf(text)].join('\n---\n') })
    }
  }
  await Promise.all(Array.from({ length: rendersAtOnce }, renderOn))
})

suite('what is rendered is of the API of', () => {
  for (const { version } of kubernetesVersions) {
    test(`Kubernetes ${version}: ${valueSets.length} sets of values`, async () => {
      const { resources, summary } = await kubeconform(manifests, version)
      assert.deepEqual(resources, [])
      assert.deepEqual([summary.errors, summary.invalid, summary.skipped], [0, 0, 0])
      assert.ok(summary.valid > 60 * valueSets.length, String(summary.valid))
    })
  }

  test('at least thirty sets, no two alike, and three versions', () => {
    assert.ok(valueSets.length >= 30)
    assert.equal(new Set(valueSets.map(({ name }) => name)).size, valueSets.length)
    assert.equal(new Set(manifests.map(({ text }) => text)).size, valueSets.length)
    assert.equal(kubernetesVersions.length, 3)
  })
})

suite('what is not of the API is refused by its name', () => {
  const deployment = (container: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: wrong }
spec:
  selector: { matchLabels: { a: b } }
  template:
    metadata: { labels: { a: b } }
    spec: { containers: [{ name: a, image: b, ${container} }] }`
  const wrong: [what: string, text: string, says: RegExp][] = [
    ['a field that a container does not have', deployment('imagePullpolicy: Always'), /imagePullpolicy/],
    ['a port that is no number', deployment('ports: [{ containerPort: http }]'), /containerPort/],
    ['memory that is no quantity', deployment('resources: { limits: { memory: 1 GiB } }'), /memory/],
    ['a list where a map belongs', deployment('env: { A: b }'), /env/],
    [
      'a kind of a version that is gone',
      'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: { name: a }',
      /schema for PodDisruptionBudget/,
    ],
    [
      'a field of a PodMonitor',
      'apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: { name: a }\nspec: { selector: {}, endpoints: [] }',
      /endpoints/,
    ],
    [
      'a key that is there twice',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { a: b }\ndata: { c: d }',
      /already (set|defined)/,
    ],
    [
      'a field of a Broadcast',
      'apiVersion: live.mytaek1.dev/v1alpha1\nkind: Broadcast\nmetadata: { name: a }\nspec: { sellr: b }',
      /sellr/,
    ],
  ]
  for (const [what, text, says] of wrong) {
    test(what, async () => {
      for (const { version } of kubernetesVersions) {
        const { resources, summary } = await kubeconform([{ name: 'wrong', text }], version)
        assert.equal(summary.invalid + summary.errors, 1, version)
        assert.match(resources[0]?.msg ?? '', says, version)
      }
    })
  }

  test('and so is the Pod that the operator makes of the template', async () => {
    const [pod = ''] = streamPodsOf(await renderValues({}))
    const { resources } = await kubeconform(
      [{ name: 'stream', text: pod.replace('"restartPolicy":', '"restartPolcy":') }],
      'v1.34.4',
    )
    assert.match(resources[0]?.msg ?? '', /restartPolcy/)
  })
})

/** The Pods of streams as manifests of their own: what is rendered has them as the text of a ConfigMap. */
function streamPodsOf(text: string): string[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object = objectShape.safeParse(document.toJS()).data
    const template: unknown = parse(object?.data?.['pod.yaml'] ?? 'null')
    const pod = z.looseObject({ metadata: z.looseObject({}), spec: z.looseObject({}) }).safeParse(template).data
    if (pod === undefined) return []
    // JSON: other readers of YAML take an unquoted yes for true
    return [JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...pod, metadata: { name: 'stream', ...pod.metadata } })]
  })
}
