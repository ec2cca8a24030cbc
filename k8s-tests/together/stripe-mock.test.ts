/** Every request of the Stripe adapter, held against Stripe's own OpenAPI document by stripe-mock, which refuses what is not in it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { listen } from '@mytaek1/platform/health.ts'
import { freePort } from '@mytaek1/platform/testing/parts.ts'
import { stripeGateway } from '../../services/payment/src/gateways/stripe/stripe.ts'
import { ensureTools } from '../cluster/build/toolchain.ts'
import { pathsFor } from '../cluster/host/paths.ts'

const startMs = 120_000
const { 'stripe-mock': binary } = await ensureTools(pathsFor(process.env).cache, ['stripe-mock'])
const port = await freePort()
const mock = spawn(binary, ['-http-addr', `127.0.0.1:${port}`], { stdio: 'ignore' })
after(() => void mock.kill())
const deadline = Date.now() + startMs
while (
  !(await fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  ))
) {
  if (mock.exitCode !== null || Date.now() > deadline) throw new Error('stripe-mock did not start')
  await delay(50) // it says nothing when it listens
}

/** What the mock said; its fixtures know nothing of ours, so what the adapter goes by is put into them. */
const said: { call: string; status: number; body: string }[] = []
let over: Record<string, unknown> = {}
const between = createServer((asked, response) => {
  void (async () => {
    const { method = '', url = '', headers } = asked
    const body = await text(asked)
    const answer = await fetch(`http://127.0.0.1:${port}${url}`, {
      method,
      headers: Object.entries(headers).filter(([name]) => !/^(host|connection|content-length)$/.test(name)) as [
        string,
        string,
      ][],
      ...(body !== '' && { body }),
    })
    const content = await answer.text()
    said.push({ call: `${method} ${new URL(url, 'http://x').pathname}`, status: answer.status, body: content })
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(answer.ok ? JSON.stringify({ ...(JSON.parse(content) as object), ...over }) : content)
  })()
})
await listen(between, 0, '127.0.0.1')
after(() => between.close().closeAllConnections())

const gateway = stripeGateway({
  name: 'stripe',
  url: `http://127.0.0.1:${(between.address() as AddressInfo).port}`,
  secretKey: 'sk_test_123',
  webhookSecret: 'whsec_x',
  timeoutMs: 120_000,
})
const amount = { amount: 2_000, currency: 'USD' }
const payment = { paymentId: 'pay_1', reference: 'cs_test_1' }
const metadata = { payment_id: 'pay_1' }
const intent = { id: 'pi_1', metadata, currency: 'usd', amount_capturable: 2_000, amount_received: 2_000 }
const session = (status: string, of: object) => ({
  id: 'cs_test_1',
  client_reference_id: 'pay_1',
  status,
  payment_intent: of,
})
const held = { ...intent, status: 'requires_capture' }

/** Runs one call of the adapter, and answers what the mock was asked for it; each was taken. */
async function taken(fixture: Record<string, unknown>, call: () => Promise<unknown>): Promise<string[]> {
  over = fixture
  said.length = 0
  await call()
  for (const { call, status, body } of said) assert.equal(status, 200, `${call}: ${body}`)
  return said.map(({ call }) => call.replaceAll(/(cs_test|pi|re)_\w+/g, '{id}'))
}

test('stripe-mock takes each request: window, find, leave, capture, refund, settlement', async () => {
  const request = {
    paymentId: 'pay_1',
    amount,
    method: 'card',
    returnUrl: 'https://shop.example/r',
    until: new Date(Date.now() + 600_000),
  } as const
  const url = 'https://checkout.stripe.com/c/pay/x'
  assert.deepEqual(await taken({ url }, () => gateway.begin(request)), ['POST /v1/checkout/sessions'])
  assert.deepEqual(await taken({}, () => gateway.find(payment)), ['GET /v1/checkout/sessions/{id}'])
  assert.deepEqual(await taken(intent, () => gateway.find({ ...payment, reference: 'pi_1' })), [
    'GET /v1/payment_intents/{id}',
  ])
  assert.deepEqual(await taken(session('open', intent), () => gateway.leave(payment)), [
    'GET /v1/checkout/sessions/{id}',
    'POST /v1/checkout/sessions/{id}/expire',
    'GET /v1/checkout/sessions/{id}',
  ])
  assert.deepEqual(await taken(session('complete', held), () => gateway.leave(payment)), [
    'GET /v1/checkout/sessions/{id}',
    'POST /v1/payment_intents/{id}/cancel',
    'GET /v1/checkout/sessions/{id}',
  ])
  const instrument = { kind: 'hosted', value: 'cs_test_1' } as const
  const approval = { paymentId: 'pay_1', instrument, amount, chargeBy: new Date() }
  assert.deepEqual(await taken(session('complete', held), () => gateway.approve(approval)), [
    'GET /v1/checkout/sessions/{id}',
    'POST /v1/payment_intents/{id}/capture',
  ])
  const refund = { paymentId: 'pay_1', reference: 'pi_1', amount, key: 'ref_1', reason: 'refund' }
  assert.deepEqual(await taken({}, () => gateway.refund(refund)), ['GET /v1/refunds', 'POST /v1/refunds'])
  const settled = async () => {
    for await (const line of gateway.settlements('2026-11-29')) assert.ok(line.reference)
  }
  assert.deepEqual(await taken({ has_more: false }, settled), ['GET /v1/balance_transactions'])
})

test('and refuses what Stripe does not know: it has teeth', async () => {
  over = {}
  said.length = 0
  const bad = { ...amount, currency: 'USD' }
  await gateway.refund({
    paymentId: 'pay_1',
    reference: '',
    amount: { ...bad, amount: 0.5 },
    key: 'ref_2',
    reason: 'x',
  })
  assert.ok(
    said.some(({ status }) => status === 400),
    JSON.stringify(said),
  )
})
