/** Who takes the money: which gateways payment is told of, with whose keys, and what is refused before buyers would be. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { z } from 'zod'
import { find, podsOf, renderChart, renderText } from './helm.ts'

const gateways = (list: unknown) => `payment={"gateways":${JSON.stringify(list)}}`
const toss = { name: 'toss', existingSecret: 'toss-keys' }
const https = 'public.httpUrl=https://shop.example'
const off = 'payment.simulator.enabled=false'

type Objects = Awaited<ReturnType<typeof renderChart>>
const variablesOf = (objects: Objects, owner = 'Deployment/mytaek1-payment') =>
  new Map(
    podsOf(objects)
      .get(owner)
      ?.spec.containers[0]?.env.map((one) => [one.name, one]),
  )
const listOf = (objects: Objects): unknown => JSON.parse(variablesOf(objects).get('GATEWAYS')?.value ?? '')
const pathsOf = (objects: Objects) =>
  z
    .looseObject({
      rules: z.array(z.object({ http: z.object({ paths: z.array(z.looseObject({ path: z.string() })) }) })),
    })
    .parse(find(objects, 'Ingress', 'mytaek1').spec)
    .rules.flatMap(({ http }) => http.paths.map(({ path }) => path))

suite('gateways', () => {
  test('unless others are named it is the simulated network, with cards entered on the site', async () => {
    const objects = await renderChart()
    assert.deepEqual(listOf(objects), [{ name: 'simulator' }])
    assert.equal(variablesOf(objects).get('GATEWAY_URL')?.value, 'http://mytaek1-simulator:8080')
    assert.equal(pathsOf(objects).includes('/v1/window'), false)
  })

  test('several, in their order, by currency and method; keys come from Secrets and are in no other process', async () => {
    const second = { name: 'simulator', currencies: ['USD'], keyIn: false }
    const secretKeys = { secretKey: 'live' }
    const objects = await renderChart(https, gateways([{ ...toss, methods: ['card', 'transfer'], secretKeys }, second]))
    assert.deepEqual(listOf(objects), [{ name: 'toss', methods: ['card', 'transfer'] }, second])
    const reference = variablesOf(objects).get('GATEWAY_TOSS_SECRET_KEY')?.valueFrom?.secretKeyRef
    assert.deepEqual(reference, { name: 'toss-keys', key: 'live' })
    assert.equal(variablesOf(objects).get('PUBLIC_HTTP_URL')?.value, 'https://shop.example')
    const others = [...podsOf(objects)].filter(([owner]) => owner !== 'Deployment/mytaek1-payment')
    assert.equal(JSON.stringify(others).includes('toss-keys'), false)
    assert.ok(pathsOf(objects).includes('/v1/window'))
  })

  test('with a real gateway alone nothing is simulated', async () => {
    const objects = await renderChart(https, off, gateways([toss]))
    assert.equal(variablesOf(objects).has('GATEWAY_URL'), false)
    assert.equal(podsOf(objects).has('Deployment/mytaek1-simulator'), false)
    assert.doesNotMatch(await renderText(https, off, gateways([toss])), /simulated network/)
  })

  test('webhook secrets come from the same Secret, and PortOne’s script is let in only where it is used', async () => {
    const portone = { name: 'portone', storeId: 's', channelKey: 'c', existingSecret: 'portone-keys' }
    const stripe = { name: 'stripe', currencies: ['USD'], existingSecret: 'stripe-keys' }
    const objects = await renderChart(https, off, gateways([portone, stripe]))
    const payment = variablesOf(objects)
    for (const [name, from] of [
      ['GATEWAY_PORTONE_SECRET_KEY', { name: 'portone-keys', key: 'secret-key' }],
      ['GATEWAY_PORTONE_WEBHOOK_SECRET', { name: 'portone-keys', key: 'webhook-secret' }],
      ['GATEWAY_STRIPE_WEBHOOK_SECRET', { name: 'stripe-keys', key: 'webhook-secret' }],
    ] as const) {
      assert.deepEqual(payment.get(name)?.valueFrom?.secretKeyRef, from)
    }
    assert.equal(variablesOf(objects, 'Deployment/mytaek1-storefront').get('PORTONE')?.value, 'true')
    const without = await renderChart(https, off, gateways([stripe]))
    assert.equal(variablesOf(without, 'Deployment/mytaek1-storefront').has('PORTONE'), false)
  })

  const wrong: [name: string, sets: string[], says: RegExp][] = [
    ['none', [gateways([])], /payment\.gateways: name at least one/],
    ['one twice', [https, gateways([toss, toss])], /toss is there twice/],
    ['one without keys', [https, gateways([{ name: 'toss' }])], /toss needs existingSecret/],
    ['a real one over plain HTTP', [gateways([toss])], /public\.httpUrl, which has to be https/],
    ['the simulator that is off', [off], /the simulator is asked for, and payment\.simulator\.enabled is false/],
    ['PortOne without a store', [https, gateways([{ name: 'portone', existingSecret: 's' }])], /portone needs storeId/],
    [
      'cards for Stripe',
      [https, gateways([{ name: 'stripe', keyIn: true, existingSecret: 's' }])],
      /stripe takes cards in its own/,
    ],
    ['an unknown one', [gateways([{ name: 'paypal' }])], /\/payment\/gateways\/0\/name/],
    ['an unknown method', [gateways([{ name: 'simulator', methods: ['cash'] }])], /\/payment\/gateways\/0\/methods\/0/],
    ['a key in the values', [https, gateways([{ ...toss, secretKey: 'live_sk_x' }])], /'secretKey' not allowed/],
  ]
  for (const [name, sets, says] of wrong) {
    test(`${name}: refused in words`, () => assert.rejects(renderText(...sets), says))
  }
})
