/** What tools see that render without a cluster, and apply what they rendered. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { find, podsOf, renderChart, renderText, renderTextAgain, type Rendered } from './helm.ts'

/** Secrets of the platform team for everything, each with keys of their own names. */
const given = [
  'auth.existingSecret=shop-auth,auth.secretKeys.serviceToken=token,auth.secretKeys.tokenPrivateKey=jwt.pem',
  'mariadb.existingSecret=shop-db,mariadb.secretKeys.rootPassword=ROOT,mariadb.secretKeys.commercePassword=shop_password',
  'redis.existingSecret=shop-redis,redis.secretKeys.password=REDIS_PASSWORD',
  's3.existingSecret=shop-s3,s3.secretKeys.accessKeyId=AWS_ACCESS_KEY_ID,s3.secretKeys.secretAccessKey=AWS_SECRET_ACCESS_KEY',
  'ingest.tls.secretName=shop-cert',
]
const variable = (objects: readonly Rendered[], owner: string, name: string) =>
  podsOf(objects)
    .get(owner)
    ?.spec.containers[0]?.env.find((one) => one.name === name)
const reference = (objects: readonly Rendered[], owner: string, name: string) => {
  const ref = variable(objects, owner, name)?.valueFrom?.secretKeyRef
  return ref && `${ref.name}/${ref.key}`
}

suite('Secrets of your own', () => {
  test('with all of them given, two renders are the same to the byte and have no Secret', async () => {
    const text = await renderTextAgain(...given)
    assert.equal(await renderTextAgain(...given), text)
    assert.doesNotMatch(text, /^kind: Secret$/m)
  })

  test('without them only the certificate of its own making differs, and no password is in the text', async () => {
    const [one, two] = [(await renderText()).split('\n'), (await renderTextAgain()).split('\n')]
    const differ = one.filter((line, i) => line !== two[i]).map((line) => /^ {2}([\w.-]+): /.exec(line)?.[1] ?? line)
    assert.deepEqual(differ, ['tls.crt', 'tls.key'])
    assert.equal(await renderText('ingest.tls.selfSigned=false'), await renderTextAgain('ingest.tls.selfSigned=false'))
  })

  test('every Pod reads them, under the keys that values name', async () => {
    const objects = await renderChart(...given)
    const [commerce, payment, edge] = ['commerce', 'payment', 'edge'].map((name) => `Deployment/mytaek1-${name}`) as [
      string,
      string,
      string,
    ]
    for (const [owner, name, from] of [
      [commerce, 'SERVICE_TOKEN', 'shop-auth/token'],
      [payment, 'SERVICE_TOKEN', 'shop-auth/token'],
      [edge, 'SERVICE_TOKEN', 'shop-auth/token'],
      [payment, 'CARD_TOKEN_KEY', 'shop-auth/card-token-key'],
      [commerce, 'TOKEN_PRIVATE_KEY', 'shop-auth/jwt.pem'],
      [commerce, 'MYSQL_PASSWORD', 'shop-db/shop_password'],
      ['StatefulSet/mytaek1-mariadb', 'COMMERCE_PASSWORD', 'shop-db/shop_password'],
      ['StatefulSet/mytaek1-mariadb', 'ROOT_PASSWORD', 'shop-db/ROOT'],
      [payment, 'MYSQL_PASSWORD', 'shop-db/payment-password'],
      ['Deployment/mytaek1-simulator', 'MYSQL_PASSWORD', 'shop-db/payment-password'],
      [edge, 'REDIS_PASSWORD', 'shop-redis/REDIS_PASSWORD'],
      ['StatefulSet/mytaek1-redis', 'REDISCLI_AUTH', 'shop-redis/REDIS_PASSWORD'],
      ['ConfigMap/mytaek1-stream-template', 'S3_ACCESS_KEY_ID', 'shop-s3/AWS_ACCESS_KEY_ID'],
      ['StatefulSet/mytaek1-s3', 'ROOT_SECRET_KEY', 'shop-s3/AWS_SECRET_ACCESS_KEY'],
    ] as const)
      assert.equal(reference(objects, owner, name), from, `${owner} ${name}`)
    assert.equal(
      variable(objects, commerce, 'MYSQL_URL')?.value,
      'mysql://commerce:$(MYSQL_PASSWORD)@mytaek1-mariadb:3306/commerce',
    )
    assert.equal(
      variable(objects, edge, 'REDIS_URLS')?.value,
      'redis://:$(REDIS_PASSWORD)@mytaek1-redis-0.mytaek1-redis:6379',
    )
  })

  test('Kubernetes fills in a variable only where it stands before', async () => {
    for (const [owner, { spec }] of podsOf(await renderChart(...given, 'redis.masters=3'))) {
      for (const { env } of spec.containers) {
        for (const [i, { name, value }] of env.entries()) {
          for (const [, used] of value?.matchAll(/\$\((\w+)\)/g) ?? [])
            assert.ok(
              env.slice(0, i).some((earlier) => earlier.name === used),
              `${owner}: ${name} needs ${used}`,
            )
        }
      }
    }
  })

  test('external stores take theirs under other keys, too', async () => {
    const objects = await renderChart(
      'mariadb.embedded=false,mariadb.external.existingSecret=db,mariadb.external.secretKeys.commerceUrl=SHOP_URL',
      'redis.embedded=false,redis.external.existingSecret=cache,redis.external.secretKeys.urls=REDIS_URLS',
      's3.embedded=false,s3.external.endpoint=https://s3.example,s3.external.secretKeys.accessKeyId=id',
      's3.external.existingSecret="123"',
      // of the embedded ones, which do not run
      'mariadb.existingSecret=x,redis.existingSecret=x,s3.existingSecret=x',
    )
    const commerce = 'Deployment/mytaek1-commerce'
    assert.equal(reference(objects, commerce, 'MYSQL_URL'), 'db/SHOP_URL')
    assert.equal(reference(objects, 'Deployment/mytaek1-payment', 'MYSQL_URL'), 'db/payment-url')
    assert.equal(reference(objects, commerce, 'REDIS_URLS'), 'cache/REDIS_URLS')
    assert.equal(reference(objects, commerce, 'S3_ACCESS_KEY_ID'), '123/id')
    assert.equal(reference(objects, commerce, 'S3_SECRET_ACCESS_KEY'), '123/secret-access-key')
    assert.deepEqual(
      objects.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name),
      ['mytaek1-rtmps'],
    )
  })
})

suite('applied without Helm', () => {
  test('every Deployment starts only where its release is the one that the namespace is of', async () => {
    const objects = await renderChart()
    const guard = find(objects, 'ConfigMap', 'mytaek1-one-release-a-namespace')
    assert.deepEqual([Object.keys(guard.data), guard['immutable']], [['mytaek1'], true])
    const named = [...podsOf(objects)].filter(([owner]) => owner.startsWith('Deployment/'))
    assert.equal(named.length, 7)
    for (const [owner] of named)
      assert.deepEqual(
        variable(objects, owner, 'RELEASE_OF_NAMESPACE')?.valueFrom,
        { configMapKeyRef: { name: guard.metadata.name, key: 'mytaek1' } },
        owner,
      )
  })

  test('nothing that only Helm may run is rendered: no hook, no end of all Broadcasts', async () => {
    for (const text of [await renderText(), await renderText('images.operator.tag=v2')]) {
      assert.doesNotMatch(text, /helm\.sh\/hook/)
      assert.doesNotMatch(text, /uninstall/)
    }
  })

  test('a migration is called by what it does: the same stays, another image or database is another Job', async () => {
    const names = async (...sets: string[]) =>
      (await renderChart('auth.existingSecret=a,redis.existingSecret=b,s3.existingSecret=c', ...sets))
        .filter(({ kind, metadata }) => kind === 'Job' && metadata.name.includes('-migrate-'))
        .map(({ metadata }) => metadata.name)
    const before = await names()
    assert.deepEqual(
      before.map((name) => name.replace(/-[0-9a-f]{10}$/, '')),
      ['mytaek1-commerce-migrate', 'mytaek1-payment-migrate'],
    )
    assert.deepEqual(await names('edge.replicas=5,images.media.tag=v2'), before)
    const [commerce, payment] = await names('images.commerce.tag=v2')
    assert.notEqual(commerce, before[0])
    assert.equal(payment, before[1])
    for (const name of await names('mariadb.existingSecret=mine')) assert.ok(!before.includes(name))
  })
})
