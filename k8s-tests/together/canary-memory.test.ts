/**
 * A canary card in the memory of payment's process, as it is in production: there while the card is charged, and gone with the
 * answer. Whoever reads that memory later, by a heap snapshot or after a crash, finds no card in it.
 */
import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { z } from 'zod'
import { eventually } from '../../services/commerce/src/testing/eventually.ts'
import { prepareShop } from '../../services/commerce/src/testing/shop.ts'
import { passesLuhn } from '../../services/payment/src/cards/luhn.ts'
import { startPlatform } from '../payments/processes.ts'
import { reserve } from '../payments/shoppers.ts'

const folder = await mkdtemp(path.join(tmpdir(), 'mytaek1-memory-'))
const snapshots = `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`
const platform = await startPlatform({ processes: 1, payment: { NODE_OPTIONS: snapshots } })
after(async () => {
  await platform.stop()
  await rm(folder, { recursive: true })
})

/** All strings that anything of the process still refers to: a snapshot collects garbage first. */
async function memory(): Promise<Set<string>> {
  platform.payment[0]?.signal('SIGUSR2')
  let size = 0
  const text = await eventually('a snapshot', async () => {
    const [name] = (await readdir(folder)).filter((each) => each.endsWith('.heapsnapshot'))
    if (name === undefined) return undefined
    const place = path.join(folder, name)
    const before = size
    size = (await stat(place)).size
    if (size === 0 || size !== before) return undefined // it is being written
    const content = await readFile(place, 'utf8')
    if (!content.trimEnd().endsWith(']}')) return undefined
    await rm(place)
    return content
  })
  const { snapshot, nodes, strings } = snapshotShape.parse(JSON.parse(text))
  const fields = snapshot.meta.node_fields
  const values = new Set<string>() // of nodes; edges have names, too, which are numbers of nothing
  for (let at = fields.indexOf('name'); at < nodes.length; at += fields.length)
    values.add(strings[nodes[at] ?? 0] ?? '')
  return values
}

const snapshotShape = z.object({
  snapshot: z.object({ meta: z.object({ node_fields: z.array(z.string()) }) }),
  nodes: z.custom<number[]>(Array.isArray), // millions
  strings: z.custom<string[]>(Array.isArray),
})

const slow = (medianMs: number) =>
  fetch(`${platform.networkUrl}/v1/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ medianMs }),
  })

async function call(
  token: string,
  place: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, string> }> {
  const answer = await fetch(`${platform.payment[0]?.url}/api/payment/v1${place}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'idempotency-key': randomUUID(),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, string> }
}

function canaryNumber(): string {
  for (;;) {
    const number = `55555${Array.from({ length: 11 }, () => randomInt(10)).join('')}`
    if (passesLuhn(number)) return number
  }
}

test('a card is in memory while it is charged, and neither its number nor its code afterwards', async () => {
  await prepareShop(platform.shop)
  const [buyer, other] = await reserve(platform, 'canary', 2)
  assert.ok(buyer && other)
  const before = await memory()
  const number = canaryNumber()
  let cvc = ''
  do cvc = `${randomInt(1_000, 10_000)}`
  while (before.has(cvc)) // a string of its own: nothing else says it
  const found = (values: Set<string>) =>
    [...values].filter((value) => value === cvc || value.includes(number) || value.includes(`"cvc":"${cvc}`))
  const card = { number, expiryMonth: 11, expiryYear: 2041, cvc }

  await slow(8_000)
  const { body: sealed } = await call(buyer.token, '/card-tokens', card)
  const paid = await call(buyer.token, '/payments', { orderId: buyer.orderId, cardToken: sealed['token'] })
  assert.equal(paid.status, 202)
  const during = found(await memory())
  assert.ok(during.includes(number) && during.includes(cvc), 'the card is charged at this moment: it is found')
  const isPaid = async () =>
    (await platform.shop('orders').where({ id: buyer.orderId }).first()).state === 'PAID' ? true : undefined
  await eventually('paid', isPaid)

  await slow(0)
  const refused = [
    await call(other.token, '/card-tokens', { ...card, expiryYear: 2020 }),
    await call(other.token, '/card-tokens', { ...card, note: number }),
    await call(other.token, '/card-tokens', `{"number":"${number}","cvc":"${cvc}"`),
    await call(other.token, '/payments', { orderId: other.orderId, cardToken: `${number}.${cvc}` }),
  ]
  assert.ok(
    refused.every(({ status }) => status >= 400 && status < 500),
    refused.map(({ status }) => status).join(),
  )
  // what connections and timers of those requests still hold goes with the next ones
  let left: string[] = []
  await eventually(
    'nothing of it is in memory',
    async () => {
      for (let n = 0; n < 20; n += 1) await call(buyer.token, `/payments/${paid.body['id']}`)
      left = found(await memory())
      return left.length === 0 ? true : undefined
    },
    () => left,
  )
})
