/** What is refused before anything is made, in words; and odd values that are not. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { suite, test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { chartFolder, find, helm, podsOf, renderChart, renderText, renderValues } from './helm.ts'

const template = (release: string, ...more: string[]) => helm('template', release, chartFolder, ...more)
const refused = (sets: string[], says: RegExp) => assert.rejects(renderText(...sets), says)

suite('names', () => {
  for (const name of ['7eleven', 'shop.v2', '1', '0-day'])
    test(`${name} is refused with the rule: Services are called after the release`, () =>
      assert.rejects(template(name), /the release cannot be called ".*begins with a letter.*RFC 1035/))

  for (const name of ['a', 'shop-v2', 'null', 'yes', 'a'.repeat(53), `a-${'b'.repeat(37)}-${'c'.repeat(13)}`])
    test(`${name} is a name, and all that is made of it are names and labels of Kubernetes`, async () => {
      const text = await template(name, '--namespace', 'n'.repeat(63), '--set', 'redis.masters=3')
      for (const [, found = ''] of text.matchAll(/^ {2}name: "?([^\s"]+)"?$/gm)) {
        assert.match(found, /^[a-z]([-.a-z0-9]*[a-z0-9])?$/)
        assert.ok(found.length <= (found.endsWith('n'.repeat(63)) ? 253 : 63), found)
      }
      for (const [, label = ''] of text.matchAll(/^ +app\.kubernetes\.io\/\w+: "?([^\s"]+)"?$/gm))
        assert.ok(label.length <= 63, label)
    })
})

suite('values of an older chart', () => {
  test('the mark of the values is the version of the chart', async () => {
    const read = async (file: string) => parse(await readFile(path.join(chartFolder, file), 'utf8')) as unknown
    const { version } = z.object({ version: z.string() }).parse(await read('Chart.yaml'))
    assert.equal(z.object({ valuesOf: z.string() }).parse(await read('values.yaml')).valuesOf, version)
  })

  for (const set of ['valuesOf=0.0.9', 'valuesOf=null', 'valuesOf=null,auth=null,networkPolicy=null'])
    test(`${set}: refused with the flag that helps`, () =>
      refused([set], /values of an older chart.*--reuse-values.*--reset-then-reuse-values/))
})

suite('null', () => {
  test('a value that no template can do without is missed by its name', async () => {
    const file = z
      .record(z.string(), z.unknown())
      .parse(parse(await readFile(path.join(chartFolder, 'values.yaml'), 'utf8')))
    const { sections, leaves } = needed(file)
    assert.ok(leaves.length > 80, String(leaves.length))
    const missed = async (paths: string[]) => {
      const error = await renderText(paths.map((one) => `${one}=null`).join()).catch(String)
      for (const one of paths) {
        const at = `/${one.split('.').slice(0, -1).join('/')}`.replace(/^\/$/, '')
        assert.match(error, new RegExp(`at '${at}': missing propert.*'${one.split('.').at(-1)}'`), one)
      }
    }
    await missed(leaves)
    // a section that is gone hides those inside it
    for (const depth of [1, 2, 3]) await missed(sections.filter((one) => one.split('.').length === depth))
  })

  const harmless = [
    'public.hlsUrl=null,nodeSelector=null,tolerations=null,imagePullSecrets=null,priorityClassName=null',
    'ingress.annotations=null,ingress.className=null,ingress.host=null,ingress.tls.secretName=null',
    'commerce.env=null,edge.resources=null,ingest.resources.limits=null,stream.resources.limits.memory=null',
    'commerce.booksSchedule=null',
    'images.media.tag=null,payment.simulator.env=null,quotas.sellers=null',
    'ingest.tls.secretName=null,ingest.service.annotations=null,stream.ladder=null',
    'auth.existingSecret=null,mariadb.existingSecret=null,redis.existingSecret=null,s3.existingSecret=null',
    'mariadb.persistence.storageClass=null,mariadb.external.existingSecret=null,s3.external.endpoint=null',
    'mariadb.resources=null,redis.resources=null,s3.resources=null,operator.resources=null',
  ]
  for (const set of harmless)
    test(`${set}: as if it were empty`, async () => {
      const objects = await renderChart(set)
      assert.ok(objects.length > 60)
    })
})

suite('a value that is mistyped', () => {
  test('is refused by its name in every section, those that are empty as delivered among them', async () => {
    const file = z
      .record(z.string(), z.unknown())
      .parse(parse(await readFile(path.join(chartFolder, 'values.yaml'), 'utf8')))
    const sections = sectionsOf(file)
    assert.ok(sections.length > 120, String(sections.length))
    const error = await renderText(['mistyped=1', ...sections.map((one) => `${one}.mistyped=1`)].join()).catch(String)
    for (const one of ['', ...sections])
      assert.match(error, new RegExp(`at '/?${one.replaceAll('.', '/')}': .*'mistyped'`), one)
  })

  test('is refused at any depth: every object of the schema lists its fields, but for maps of texts and what a parent chart has', async () => {
    const schema: unknown = JSON.parse(await readFile(path.join(chartFolder, 'values.schema.json'), 'utf8'))
    const open = [...objectsIn(schema)].filter(([, one]) => one['additionalProperties'] !== false)
    const isMap = (one: Record<string, unknown>) => JSON.stringify(one['additionalProperties']) === '{"type":"string"}'
    assert.deepEqual(
      open.filter(([, one]) => !isMap(one)).map(([at]) => at),
      ['/properties/global'],
    )
  })

  const nested: [values: object, says: RegExp][] = [
    [
      { edge: { pod: { extraVolumes: [{ name: 'a', configMap: { nam: 'b' } }] } } },
      /extraVolumes\/0\/configMap'.*'nam'/,
    ],
    [{ affinity: { nodeAffinty: {} } }, /'\/affinity'.*'nodeAffinty'/],
    [{ edge: { pod: { affinity: { podAntiAffinity: { required: [] } } } } }, /podAntiAffinity'.*'required'/],
    [
      { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'Never' }] },
      /whenUnsatisfiable'/,
    ],
    [{ tolerations: [{ key: 'a', operater: 'Exists' }] }, /'\/tolerations\/0'.*'operater'/],
    [{ ingress: { hosts: [{ name: 'a.example' }] } }, /'\/ingress\/hosts\/0'.*'name'/],
    [{ gateway: { parentRefs: [{ name: 'a', section: 'b' }] } }, /'\/gateway\/parentRefs\/0'.*'section'/],
    [{ commerce: { pod: { extraEnv: [{ name: 'A', valuefrom: {} }] } } }, /extraEnv\/0'.*'valuefrom'/],
    [{ commerce: { pod: { extraVolumes: [{ name: 'a', hostPath: { path: '/' } }] } } }, /extraVolumes\/0'.*'hostPath'/],
    [
      {
        commerce: {
          autoscaling: { behavior: { scaleUp: { policies: [{ type: 'Pod', value: 1, periodSeconds: 1 }] } } },
        },
      },
      /policies\/0\/type'/,
    ],
    [{ commerce: { pdb: { maxUnavailable: '1' } } }, /\/commerce\/pdb\/maxUnavailable'/],
    [{ commerce: { resources: { limits: { gpu: 1 } } } }, /\/commerce\/resources\/limits'.*'gpu'/],
    [{ ingest: { service: { loadBalancerSourceRanges: ['192.0.2.1'] } } }, /loadBalancerSourceRanges\/0'/],
    [{ image: { registry: 'https://registry.example' } }, /\/image\/registry'/],
    [{ monitoring: { interval: '15' } }, /\/monitoring\/interval'/],
    [{ caBundle: { configmap: 'a' } }, /'\/caBundle'.*'configmap'/],
  ]
  for (const [values, says] of nested)
    test(`${JSON.stringify(values)} is refused`, () => assert.rejects(renderValues(values), says))
})

suite('what the apiserver would refuse when half of the objects are there', () => {
  const wrong: [set: string, says: RegExp][] = [
    ['edge.autoscaling.minReplicas=9', /edge\.autoscaling: minReplicas 9 is more than maxReplicas 8/],
    ['edge.door.autoscaling.minReplicas=9', /edge\.door\.autoscaling: minReplicas 9 is more than maxReplicas 8/],
    ['edge.autoscaling.targetCPU=0', /edge\.autoscaling: targetCPU 0 is none; .* more than 0/],
    ['edge.door.autoscaling.targetCPU=0.0m', /edge\.door\.autoscaling: targetCPU 0\.0m is none/],
    ['edge.door.resources.requests.memory=2Gi', /edge\.door\.resources: the request of 2Gi memory .* limit of 1Gi/],
    ['edge.door.cacheSize=1Gi', /edge\.door: cacheSize 1Gi is in memory .* limit of 1Gi/],
    ['public.httpUrl=https://a.example,public.hlsUrl=http://b.example', /public\.hlsUrl: no browser lets pages/],
    ['public.hlsUrl=https://a.example/hls', /\/public\/hlsUrl'/],
    ['commerce.resources.requests.memory=1Gi', /commerce\.resources: the request of 1Gi memory .* limit of 512Mi/],
    ['s3.resources.limits.cpu=10m', /s3\.resources: the request of 20m cpu is more than the limit of 10m/],
    ['test.resources.limits.memory=64M', /test\.resources: .*128Mi memory.*64M/],
    ['payment.simulator.resources.limits.memory=64M', /payment\.simulator\.resources: .*96Mi memory.*64M/],
    ['commerce.env.MYSQL_URL=mysql://elsewhere', /commerce\.env\.MYSQL_URL: the chart sets this variable itself/],
    ['stream.env.S3_BUCKET=mine', /stream\.env\.S3_BUCKET/],
    ['edge.env.NODE_OPTIONS=x', /edge\.env\.NODE_OPTIONS/],
    ['stream.diskLimit=512Mi', /request of 1Gi ephemeral-storage is more than stream\.diskLimit 512Mi/],
    ['payment.simulator.env.LOG_LEVEL=debug', /payment\.simulator\.env\.LOG_LEVEL/],
    ['commerce.booksSchedule=every day', /\/commerce\/booksSchedule'/],
    ['ingress.host=Shop.Example', /\/ingress\/host'/],
    ['ingress.host=https://shop.example', /\/ingress\/host'/],
    ['mariadb.existingSecret=My_Secret', /\/mariadb\/existingSecret'/],
    ['auth.secretKeys.serviceToken=a/b', /\/auth\/secretKeys\/serviceToken'/],
    ['mariadb.persistence.storageClass=Fast', /\/mariadb\/persistence\/storageClass'/],
    ['priorityClassName=Very High', /\/priorityClassName'/],
    ['nodeSelector.a b=c', /invalid propertyName 'a b'/],
  ]
  for (const [set, says] of wrong) test(`${set} is refused at once`, () => refused([set], says))
})

suite('words that YAML takes for something else', () => {
  for (const word of ['123456', '1e3', 'yes', 'null', 'true', '0x10', '012', '1.10'])
    test(`a bucket, Secrets, keys and tags called ${word} stay words`, async () => {
      const objects = await renderChart(
        `s3.bucket="${word}"`,
        `auth.existingSecret="${word}"`,
        `auth.secretKeys.serviceToken="${word}"`,
        `redis.existingSecret="${word}"`,
        `ingest.tls.secretName="${word}"`,
        `ingress.tls.secretName="${word}"`,
        `ingress.className="${word}"`,
        `ingress.host="${word}"`,
        `priorityClassName="${word}"`,
        `images.media.tag="${word}"`,
        `mariadb.persistence.storageClass="${word}"`,
        `commerce.env={"NO":"${word}","ON":"${word}"}`,
        `nodeSelector={"disk":"${word}"}`,
      )
      const pods = podsOf(objects)
      const env = Object.fromEntries(
        pods.get('Deployment/mytaek1-commerce')?.spec.containers[0]?.env.map((one) => [one.name, one]) ?? [],
      )
      assert.equal(env['S3_BUCKET']?.value, word)
      assert.equal(env['NO']?.value, word)
      assert.deepEqual(env['SERVICE_TOKEN']?.valueFrom?.secretKeyRef, { name: word, key: word })
      const stream = pods.get('ConfigMap/mytaek1-stream-template')?.spec
      assert.equal(stream?.containers[0]?.image, `mytaek1/media:${word}`)
      assert.equal(stream?.['priorityClassName'], word)
      assert.deepEqual(stream?.['nodeSelector'], { disk: word })
      const ingress = z
        .looseObject({
          ingressClassName: z.string(),
          tls: z.array(z.object({ secretName: z.string(), hosts: z.array(z.string()) })),
        })
        .parse(find(objects, 'Ingress', 'mytaek1').spec)
      assert.deepEqual(ingress.tls, [{ secretName: word, hosts: [word] }])
      assert.equal(ingress.ingressClassName, word)
    })

  test('a disk given as a number of bytes is that many bytes, from the command line and from a file', async () => {
    for (const set of ['stream.diskLimit=8589934592', 'stream={"diskLimit":8589934592}']) {
      const spec = podsOf(await renderChart(set)).get('ConfigMap/mytaek1-stream-template')?.spec
      assert.equal(spec?.containers[0]?.env.find(({ name }) => name === 'DVR_MAX_BYTES')?.value, '6442450944')
    }
  })
})

/** Every schema of an object, by its place. */
function* objectsIn(value: unknown, at = ''): Generator<[at: string, one: Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return
  const one = value as Record<string, unknown>
  if (one['type'] === 'object') yield [at, one]
  for (const [key, inner] of Object.entries(one)) yield* objectsIn(inner, `${at}/${key}`)
}

/** Every section with names of its own: maps of the user's choosing have none. */
function sectionsOf(values: Record<string, unknown>, at = ''): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const isSection = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isSection || /(annotations|labels|nodeSelector|sellers|^pod[LA].*)$/i.test(name)) return []
    const here = `${at}${name}`
    return [here, ...sectionsOf(z.record(z.string(), z.unknown()).parse(value), `${here}.`)]
  })
}

/** All values whose default is not empty, and the sections they are in; not those of free maps. */
function needed(values: Record<string, unknown>, at = ''): { sections: string[]; leaves: string[] } {
  const found: { sections: string[]; leaves: string[] } = { sections: [], leaves: [] }
  for (const [name, value] of Object.entries(values)) {
    const here = `${at}${name}`
    if (
      /^(resources|env|sellers|annotations|labels|nodeSelector|valuesOf|booksSchedule)$/.test(name) ||
      at === 'quotas.default.'
    )
      continue
    if (value === '' || value === null || (typeof value === 'object' && Object.keys(value).length === 0)) continue
    if (typeof value !== 'object' || Array.isArray(value)) {
      found.leaves.push(here)
      continue
    }
    found.sections.push(here)
    const inner = needed(z.record(z.string(), z.unknown()).parse(value), `${here}.`)
    found.sections.push(...inner.sections)
    found.leaves.push(...inner.leaves)
  }
  return found
}
