/** A bucket without keys: opened by the role of each ServiceAccount, which reaches those processes alone that need it. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { chartFolder, find, objectsOf, podsOf, renderValues } from './helm.ts'

const eks: unknown = parse(await readFile(path.join(chartFolder, 'values-eks.yaml'), 'utf8'))
const production: unknown = parse(await readFile(path.join(chartFolder, 'values-production.yaml'), 'utf8'))
const external = { endpoint: 'https://s3.example', region: 'eu-central-1' }

test('no process is told of keys, and there is no Secret of them', async () => {
  const objects = objectsOf(await renderValues({ s3: { embedded: false, external } }))
  for (const [owner, { spec }] of podsOf(objects))
    for (const { env } of spec.containers) assert.ok(!env.some(({ name }) => /^S3_.*KEY/.test(name)), owner)
  assert.ok(!objects.some(({ kind, metadata }) => kind === 'Secret' && metadata.name === 'mytaek1-s3'))
  const edge = podsOf(objects).get('Deployment/mytaek1-edge')?.spec.containers[0]
  assert.equal(edge?.env.find(({ name }) => name === 'S3_ENDPOINT')?.value, 'https://s3.example')
})

test('on EKS, with the values for production, the three that use the bucket have the role by their ServiceAccounts', async () => {
  const values = z.record(z.string(), z.unknown())
  const shape = z.looseObject({ s3: values, commerce: values, edge: values, stream: values })
  const [one, other] = [shape.parse(production), shape.parse(eks)]
  const both = {
    ...one,
    ...other,
    s3: { ...one.s3, external: other.s3['external'] },
    ...Object.fromEntries(
      (['commerce', 'edge', 'stream'] as const).map((name) => [name, { ...one[name], ...other[name] }]),
    ),
  }
  const objects = objectsOf(await renderValues(both))
  const pods = podsOf(objects)
  for (const [name, owner] of [
    ['commerce', 'Deployment/mytaek1-commerce'],
    ['edge', 'Deployment/mytaek1-edge'],
    ['stream', 'ConfigMap/mytaek1-stream-template'],
  ] as const) {
    const account = find(objects, 'ServiceAccount', `mytaek1-${name}`)
    assert.match(account.metadata.annotations['eks.amazonaws.com/role-arn'] ?? '', /^arn:aws:iam::\d{12}:role\//)
    assert.equal(pods.get(owner)?.spec.serviceAccountName, account.metadata.name)
    assert.ok(!pods.get(owner)?.spec.containers[0]?.env.some(({ name: variable }) => variable.startsWith('S3_ACCESS')))
  }
})

test("the role's token stays out of the container with ffmpeg", async () => {
  const pods = podsOf(objectsOf(await renderValues({})))
  const { metadata, spec } = pods.get('ConfigMap/mytaek1-stream-template') ?? {}
  const annotations = z.record(z.string(), z.string()).parse(metadata?.['annotations'])
  assert.deepEqual(
    spec?.initContainers.map(({ name }) => name),
    annotations['eks.amazonaws.com/skip-containers']?.split(','),
  )
})
