/**
 * A canary: a card number and a security code that nothing else has go through both services in every way that they can, and
 * are then looked for in all that was written: rows, the database's own files, Redis, logs, metrics and requests to Redis.
 */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { passesLuhn } from '../../services/payment/src/cards/luhn.ts'
import { startShop } from './shop.ts'

const shop = await startShop({ payment: { LOG_LEVEL: 'debug' } })
const [seller, buyer] = await Promise.all([shop.signedIn('Seo'), shop.signedIn('Bo')])

function canaryNumber(): string {
  for (;;) {
    const number = `55555${Array.from({ length: 11 }, () => randomInt(10)).join('')}`
    if (passesLuhn(number)) return number
  }
}
const number = canaryNumber()
const cvc = `${randomInt(1_000, 10_000)}` // four digits: beside its name only, for four digits are anywhere
const card = { number, expiryMonth: 11, expiryYear: 2041, cvc }

/** As the canary might be written: as it is, in groups, or coded. */
const traces = [
  number,
  number.replaceAll(/(\d{4})(?=\d)/g, '$1 '),
  number.replaceAll(/(\d{4})(?=\d)/g, '$1-'),
  number.slice(0, 15),
  number.slice(1),
  Buffer.from(number).toString('base64').slice(0, 20),
  Buffer.from(number).toString('hex'),
  `"cvc":"${cvc}"`,
  `cvc=${cvc}`,
  `"cardValidationCode":"${cvc}"`,
]
const found = (text: string | Buffer) => traces.filter((trace) => text.includes(trace))

async function post(place: string, body: string, type = 'application/json'): Promise<number> {
  const headers = {
    authorization: `Bearer ${buyer.token}`,
    'content-type': type,
    'idempotency-key': `${randomInt(1e9)}`,
  }
  const url = `http://127.0.0.1:${shop.paymentPort}/api/payment/v1${place}`
  return (await fetch(url, { method: 'POST', headers, body })).status
}

async function anOrder(): Promise<string> {
  const product = await shop.product(seller, { stock: 1, amount: 10_000 })
  return (await shop.order(buyer, product.id)).id
}

test('a canary card leaves no trace', async (t) => {
  const redis = shop.commerce.redis.duplicate() // both services'
  t.after(() => redis.disconnect())
  const monitor = await redis.monitor()
  t.after(() => monitor.disconnect())
  const commands: string[] = []
  monitor.on('monitor', (_time: string, args: string[]) => commands.push(args.join(' ')))

  const { body: sealed } = await shop.pays(buyer, 'POST', '/card-tokens', card)
  assert.deepEqual(found(JSON.stringify(sealed)), [], 'in the token')
  const orderId = await anOrder()
  const paid = await shop.pays(buyer, 'POST', '/payments', { orderId, cardToken: sealed.token })
  await shop.orderIs(buyer, orderId, 'PAID')
  const refund = await shop.pays(seller, 'POST', `/payments/${paid.body.id}/refunds`, {})
  await shop.refundIs(refund.body.id, 'DONE')
  // a network that answers with faults, and people and programs that put the card where it does not belong
  const faulty = (faults: object) =>
    fetch(`${shop.simulatorUrl}/v1/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(faults),
    })
  await faulty({ byVerb: { approve: { serverErrorAfter: 0.5, cut: 0.5 } } })
  const unlucky = await anOrder()
  const again = (await shop.pays(buyer, 'POST', '/card-tokens', card)).body.token
  await shop.pays(buyer, 'POST', '/payments', { orderId: unlucky, cardToken: again })
  await shop.orderIs(buyer, unlucky, 'PAID')
  await faulty({})
  const other = await anOrder()
  const statuses = [
    await post('/card-tokens', JSON.stringify({ ...card, expiryYear: 2020 })),
    await post('/card-tokens', JSON.stringify({ ...card, note: number })),
    await post('/card-tokens', `{"number":"${number}","cvc":"${cvc}"`),
    await post('/card-tokens', `number=${number}&cvc=${cvc}`, 'application/x-www-form-urlencoded'),
    await post('/payments', JSON.stringify({ orderId: other, cardToken: number })),
    await post('/payments', JSON.stringify({ orderId: number, cardToken: `{"cvc":"${cvc}"}` })),
    await post('/webhooks/simulator', JSON.stringify({ orderId: number, secret: `"cvc":"${cvc}"` })),
    await post(`/card-tokens?number=${number}&cvc=${cvc}`, '{}'),
    await post(`/payments/${number}/refunds`, '{}'),
  ]
  assert.ok(
    statuses.every((status) => status < 500),
    statuses.join(),
  )
  await shop.allTold()
  await redis.ping()

  const placesWith: Record<string, string[]> = {
    logs: found(shop.logged.join('')),
    'commands to Redis': found(commands.join('\n')),
    'what Redis keeps': found(await everythingIn(redis)),
  }
  for (const [name, registry] of [
    ['payment', shop.payment.registry],
    ['commerce', shop.commerce.registry],
  ] as const) {
    if (registry) placesWith[`metrics of ${name}`] = found(await registry.metrics())
  }
  for (const [name, db] of [
    ['payment', shop.db],
    ['commerce', shop.commerce.db],
    ['the network', shop.simulatorDb],
  ] as const) {
    const [tables] = await db.raw('SHOW TABLES')
    for (const table of (tables as Record<string, string>[]).flatMap((row) => Object.values(row))) {
      placesWith[`${name}’s ${table}`] = found(JSON.stringify(await db(table).select()))
    }
  }
  const [[{ folder }]] = await shop.db.raw('SELECT @@datadir AS folder')
  let read = 0
  // a table or database of another test may be dropped at this moment
  const filesIn = async (place: string) =>
    (await readdir(place, { withFileTypes: true }).catch(() => [])).filter((entry) => entry.isFile())
  const folders = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  for (const place of [folder, ...folders.map(({ name }) => path.join(folder, name))]) {
    for (const file of await filesIn(place)) {
      const content = await readFile(path.join(place, file.name)).catch(() => Buffer.alloc(0))
      read += content.length
      placesWith[`the database’s ${file.name}`] = found(content)
    }
  }
  assert.ok(read > 1_000_000, `${read} bytes of the database’s files were read`)
  assert.deepEqual(
    Object.entries(placesWith).filter(([, traced]) => traced.length > 0),
    [],
  )
  assert.ok(commands.length > 10 && shop.logged.length > 10)
})

test('the canary would be found: what the bank was told of it is in a row where the test puts it', async () => {
  await shop.db('audit_entries').insert({
    at: new Date(),
    actor_id: 'test',
    actor_role: 'admin',
    action: 'planted',
    subject: 'none',
    details: `card ${number}`,
  })
  const rows = await shop.db('audit_entries').select()
  assert.ok(found(JSON.stringify(rows)).includes(number))
})

type Redis = ReturnType<typeof shop.commerce.redis.duplicate>

async function everythingIn(redis: Redis): Promise<string> {
  const parts: string[] = []
  for await (const keys of redis.scanStream({ count: 500 }) as AsyncIterable<string[]>) {
    for (const key of keys) {
      const dump = await redis.dumpBuffer(key)
      parts.push(key, dump?.toString('latin1') ?? '')
    }
  }
  return parts.join('\n')
}
