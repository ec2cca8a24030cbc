/** The process as the cluster runs it. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { testDatabase, testRedisUrl } from '@mytaek1/platform/testing/database.ts'
import { EventReader } from './testing/event-reader.ts'
import { eventually } from './testing/eventually.ts'
import { aBroadcast, aProduct, signedIn, testPassword } from './testing/factories.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const { db, url } = await testDatabase()
const { privateKey } = generateKeyPairSync('ed25519')
const env = {
  PATH: process.env.PATH,
  MYSQL_URL: url,
  REDIS_URLS: await testRedisUrl(),
  S3_ENDPOINT: 'http://127.0.0.1:9',
  S3_ACCESS_KEY_ID: 'none',
  S3_SECRET_ACCESS_KEY: 'none',
  SERVICE_TOKEN: 'a secret that only this test knows, and no other',
  TOKEN_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  PAYMENT_URL: 'http://127.0.0.1:9',
  PORT: '0',
  ADMIN_PORT: '0',
}
const run = (args: string[], over: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [main, ...args], { env: { ...env, ...over }, encoding: 'utf8', timeout: 300_000 })

async function serve() {
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { ...env, KUBERNETES: 'off' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const ready = Promise.withResolvers<{ port: number; adminPort: number }>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    const entry = JSON.parse(line) as { event: string; port: number; adminPort: number }
    if (entry.event === 'commerce.ready') ready.resolve(entry)
  })
  child.once('exit', () => ready.reject(new Error('commerce ended')))
  return { child, lines, ...(await ready.promise) }
}

test('a bad environment is refused with every bad variable named, and no value shown', () => {
  const { status, stderr } = run(['serve'], {
    MYSQL_URL: 'postgres://user:hunter2@host/db',
    SERVICE_TOKEN: 'short-hunter2',
  })
  assert.equal(status, 78)
  for (const name of ['MYSQL_URL', 'SERVICE_TOKEN']) assert.match(stderr, new RegExp(`^  ${name}: `, 'm'))
  assert.doesNotMatch(stderr, /hunter2/)
})

test('without a Kubernetes API it does not start, unless told so', () => {
  const { status, stderr } = run(['serve'])
  assert.equal(status, 78)
  assert.match(stderr, /KUBERNETES/)
})

test('an unknown command is refused', () => {
  assert.equal(run(['sevre']).status, 64)
})

test('it is not ready before its schema is there, ends in order with viewers connected and an order under way', async (t) => {
  const service = await serve()
  t.after(() => service.child.kill('SIGKILL'))
  const readyz = async () => {
    const answer = await fetch(`http://127.0.0.1:${service.adminPort}/readyz`)
    return `${answer.status} ${await answer.text()}`
  }
  assert.match(await readyz(), /^503 not ready: schema/)
  const migrated = run(['migrate'])
  assert.equal(migrated.status, 0, migrated.stderr)
  await eventually('it is ready', async () => ((await readyz()).startsWith('200') ? true : undefined))

  const base = `http://127.0.0.1:${service.port}`
  const seller = await signedIn(base)
  const product = await aProduct(seller, { stock: 100 })
  const broadcast = await aBroadcast(seller, [product.id])
  const viewers = await Promise.all(Array.from({ length: 5 }, () => EventReader.open(base, broadcast.id)))
  const order = { productId: product.id, quantity: 1 }
  const orders = Promise.allSettled(
    Array.from({ length: 50 }, (_, index) => seller.post('/orders', order, { 'idempotency-key': `shutdown-${index}` })),
  )
  while ((await viewers[0]?.next('stock'))?.data.stock === 100); // until the first orders are placed
  service.child.kill('SIGTERM')
  const [code] = (await once(service.child, 'exit')) as [number]
  assert.equal(code, 0)
  await Promise.all(viewers.map((viewer) => viewer.closed))
  const answers = await orders
  const reserved = answers.filter((each) => each.status === 'fulfilled' && each.value.status === 201).length
  const [row] = await db('orders').count({ placed: '*' })
  // whoever was answered has an order; requests that came too late were refused connections, not half-done
  assert.equal(Number(row?.placed), reserved)
  assert.ok(reserved > 0)

  const written = service.lines.join('\n')
  for (const secret of [testPassword, seller.streamKey, seller.token ?? '?', env.SERVICE_TOKEN]) {
    assert.ok(!written.includes(secret), 'a secret was logged')
  }
})

test('an account is made an admin by command', async () => {
  const service = await serve()
  try {
    const account = await signedIn(`http://127.0.0.1:${service.port}`)
    assert.equal(run(['grant-admin', account.email.toUpperCase()]).status, 0)
    assert.equal((await db('accounts').where('id', account.id).first()).role, 'admin')
    assert.equal(run(['grant-admin', 'nobody@example.com']).status, 1)
  } finally {
    service.child.kill('SIGTERM')
    await eventually('it ended', async () => (service.child.exitCode === null ? undefined : true))
  }
})
