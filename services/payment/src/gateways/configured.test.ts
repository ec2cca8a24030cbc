import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configuredGateways, gatewaysShape, type GatewayConfig } from './configured.ts'

const keys = {
  GATEWAY_URL: 'http://127.0.0.1:9',
  GATEWAY_TOSS_SECRET_KEY: 'test_sk_x',
  GATEWAY_PORTONE_SECRET_KEY: 's',
  GATEWAY_PORTONE_WEBHOOK_SECRET: 's',
  GATEWAY_STRIPE_SECRET_KEY: 'sk_test_x',
  GATEWAY_STRIPE_WEBHOOK_SECRET: 'whsec_x',
}
const configured = (list: unknown[], given: Partial<GatewayConfig> = keys) =>
  configuredGateways({
    GATEWAYS: gatewaysShape.parse(list),
    GATEWAY_TIMEOUT_MS: 1_000,
    PUBLIC_HTTP_URL: 'https://shop.example',
    ...given,
  })
const portone = { name: 'portone', storeId: 's', channelKey: 'c', methods: ['easy_pay', 'card'] }

test('of several the first one for a currency and method is chosen, and the buyer is offered each method once', async () => {
  const gateways = await configured([{ name: 'toss', methods: ['card', 'transfer'] }, portone, { name: 'stripe' }])
  const chosen = (currency: string, method: 'card' | 'transfer' | 'easy_pay' | 'mobile') =>
    gateways.choose({ currency, method, entry: 'window' })?.name
  assert.equal(chosen('KRW', 'card'), 'toss')
  assert.equal(chosen('KRW', 'easy_pay'), 'portone')
  assert.equal(chosen('USD', 'card'), 'stripe')
  assert.equal(chosen('USD', 'transfer'), undefined)
  assert.equal(chosen('KRW', 'mobile'), undefined)
  assert.deepEqual(
    gateways.offers('KRW').map(({ method }) => method),
    ['card', 'transfer', 'easy_pay'],
  )
  assert.deepEqual(gateways.offers('USD'), [{ method: 'card', entry: 'window' }])
  assert.equal(gateways.cardEntry, undefined)
})

test('cards are entered on our page with the simulator, and with Toss only when that is asked for', async () => {
  assert.equal((await configured([{ name: 'simulator' }])).cardEntry?.name, 'simulator')
  assert.equal((await configured([{ name: 'simulator', keyIn: false }])).cardEntry, undefined)
  assert.equal((await configured([{ name: 'toss' }])).cardEntry, undefined)
  assert.equal((await configured([{ name: 'toss', keyIn: true }])).cardEntry?.name, 'toss')
  assert.throws(() => gatewaysShape.parse([{ name: 'stripe', keyIn: true }]))
})

test('virtual accounts are offered where they are named, and for orders of a broadcast only when that is wanted', async () => {
  const methods = ['card', 'virtual_account']
  const offered = async (deposits: object, live: boolean) =>
    (await configured([{ name: 'toss', methods, deposits }])).offers('KRW', live).map(({ entry }) => entry)
  assert.deepEqual(await offered({}, false), ['window', 'deposit'])
  assert.deepEqual(await offered({}, true), ['window'])
  assert.deepEqual(await offered({ live: true }, true), ['window', 'deposit'])
  assert.throws(() => gatewaysShape.parse([{ ...portone, methods: ['virtual_account'] }]))
  assert.throws(() => gatewaysShape.parse([{ name: 'toss', deposits: { hours: 73 } }]))
})

test('a payment of a gateway that is not configured any more is not taken for another’s', async () => {
  const gateways = await configured([{ name: 'toss' }])
  assert.equal(gateways.find('simulator'), undefined)
  assert.throws(() => gateways.get('simulator'), /No gateway simulator/)
})

test('a key that is missing is named, as is a gateway that is there twice', async () => {
  await assert.rejects(configured([{ name: 'toss' }], {}), /GATEWAY_TOSS_SECRET_KEY/)
  await assert.rejects(configured([{ name: 'simulator' }], {}), /GATEWAY_URL/)
  await assert.rejects(configured([{ name: 'stripe' }, portone], {}), /GATEWAY_STRIPE_SECRET_KEY[^]*GATEWAY_PORTONE/)
  assert.throws(() => gatewaysShape.parse([{ name: 'toss' }, { name: 'toss' }]), /names a gateway twice/)
})
