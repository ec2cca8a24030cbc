/**
 * What `helm test` runs, as its Pod runs it, against both services, the card network, and ingest, stream and edge as they are.
 * Only the operator is played: what the shop opens gets its processes, and the shop is told when they serve.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, createServer as createDoor, type AddressInfo } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startChain, type Chain } from '../../media/bench/harness/chain.ts'
import { startShop } from './shop.ts'

const shop = await startShop()
const { db } = shop.commerce
const program = path.resolve(import.meta.dirname, '../../media/src/main.ts')

/** A door that is open before what is behind it is there; connections wait. */
async function aDoor(t: TestContext): Promise<{ port: number; lead: (port: number) => void }> {
  const target = Promise.withResolvers<number>()
  const door = createDoor((near) => {
    near.on('error', () => undefined)
    void target.promise.then((port) => {
      const far = connect(port, '127.0.0.1')
      far.once('error', () => near.destroy())
      near.once('close', () => far.destroy())
      near.pipe(far).pipe(near)
    })
  })
  await once(door.listen(0, '127.0.0.1'), 'listening')
  t.after(() => door.close())
  return { port: (door.address() as AddressInfo).port, lead: target.resolve }
}

/** The operator's part, for the one show that is opened while the test lasts. */
async function playOperator(t: TestContext) {
  const [rtmp, edge] = [await aDoor(t), await aDoor(t)]
  let chain: Chain | undefined
  t.after(async () => chain?.close())
  const over = new AbortController()
  const played = (async () => {
    const show = await waitFor(over.signal, () => db('broadcasts').where('state', 'open').first('id', 'seller_id'))
    const { sha256 } = await db('stream_keys').where('account_id', show.seller_id).first('sha256')
    chain = await startChain({ latency: 'Low', ladder: [], of: { broadcast: show.id, keySha256: sha256 } })
    rtmp.lead(chain.rtmpPort)
    edge.lead(Number(new URL(chain.edgeUrl).port))
    const { edgeUrl } = chain
    await waitFor(over.signal, async () => (await fetch(`${edgeUrl}/index.m3u8`)).ok)
    await db('broadcasts').where('id', show.id).update({ state: 'live' })
  })().catch((error: unknown) => {
    if (!over.signal.aborted) throw error
  })
  t.after(async () => {
    over.abort()
    await played
  })
  return { rtmpPort: rtmp.port, edgePort: edge.port }
}

async function waitFor<T>(signal: AbortSignal, probe: () => PromiseLike<T>): Promise<NonNullable<T>> {
  for (;;) {
    const answer = await probe()
    if (answer) return answer
    await delay(100, undefined, { signal })
  }
}

/** Runs the program to its end; `during` sees each line. */
async function run(
  t: TestContext,
  env: Record<string, string>,
  during: (line: string, end: () => void) => void = () => {},
) {
  const pages = createServer((_, response) => response.end('pages')).listen(0, '127.0.0.1')
  await once(pages, 'listening')
  t.after(() => pages.close())
  const child = spawn(process.execPath, [program, 'release-test'], {
    env: {
      PATH: process.env['PATH'],
      PAGES_URL: `http://127.0.0.1:${(pages.address() as AddressInfo).port}`,
      COMMERCE_URL: shop.commerce.url,
      PAYMENT_URL: `http://127.0.0.1:${shop.paymentPort}`,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const lines: string[] = []
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    during(line, () => child.kill('SIGTERM'))
  })
  const [code] = (await once(child, 'close')) as [number | null]
  const steps = lines.map((line) => line.replace(/ \(\d+\.\d s\)$/, ''))
  return { code, lines, steps, text: lines.join('\n') }
}

/** What people could still see of it: accounts with a name, shows and products in lists or on sale, units that are held. */
async function traces() {
  return {
    accounts: (await db('accounts').whereNot('email', 'like', 'deleted:%')).length,
    listedShows: (await db('broadcasts').where('listed', true)).length,
    openShows: (await db('broadcasts').whereNot('state', 'ended')).length,
    products: (await db('products').where('listed', true)).length,
    held: (await db('orders').where('state', 'RESERVED')).length,
  }
}
const none = { accounts: 0, listedShows: 0, openShows: 0, products: 0, held: 0 }

const doors = ['pages answer', 'the shop answers', 'payment answers', "the encoders' door opens"]
const show = [
  'a seller signs up and in',
  'a buyer signs up and in',
  'a product of two units is made, as a draft',
  'a show opens, in no list',
  'the show is live',
  'a viewer sees the picture move',
  'the buyer orders what the show sells',
]
const cleaned = [
  'no unit is held',
  'the product is off sale',
  'the encoder is stopped',
  'the show is ended',
  "the buyer's account is deleted",
  'the shop shows nothing of it',
  "the seller's account is deleted",
]
const ok = (steps: readonly string[]) => steps.map((step) => `ok   ${step}`)

test('a show is played from sign-up to PAID, and the shop is as before', async (t) => {
  const { rtmpPort, edgePort } = await playOperator(t)
  const { code, steps, text } = await run(t, {
    EDGE_URL: `http://127.0.0.1:${edgePort}`,
    RTMP_URL: `rtmp://127.0.0.1:${rtmpPort}/live`,
    SIMULATED_CURRENCY: 'KRW',
  })
  const kept = steps.filter((step) => !step.startsWith('     stays'))
  const paid = 'the buyer pays by a simulated card, and the order is PAID'
  assert.deepEqual(kept, ok([...doors, ...show, paid, ...cleaned]), text)
  assert.equal(code, 0)
  assert.deepEqual(await traces(), none)
  assert.equal((await db('orders').where('state', 'PAID').first())?.total_amount, 1)
})

test('where no card is simulated the order is cancelled, and its unit is back', async (t) => {
  const { rtmpPort, edgePort } = await playOperator(t)
  const { code, steps, text } = await run(t, {
    EDGE_URL: `http://127.0.0.1:${edgePort}`,
    RTMP_URL: `rtmp://127.0.0.1:${rtmpPort}/live`,
  })
  assert.ok(steps.includes('ok   the buyer cancels, and the unit is back'), text)
  assert.equal(code, 0, text)
  assert.deepEqual(await traces(), none)
})

test('where ingest turns encoders away the test says so without the key, and cleans up', async (t) => {
  const nobody = createDoor((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(nobody, 'listening')
  t.after(() => nobody.close())
  const { port } = nobody.address() as AddressInfo
  const { code, lines, text } = await run(t, {
    EDGE_URL: 'http://127.0.0.1:9',
    RTMP_URL: `rtmp://127.0.0.1:${port}/live`,
  })
  assert.equal(code, 1)
  const failed = lines.filter((line) => line.startsWith('FAIL'))
  assert.equal(failed.length, 1, text)
  assert.match(failed[0] ?? '', /^FAIL the show is live: the encoder ended: .*\*\*\*/)
  assert.doesNotMatch(text, /live_[0-9a-z]{8}/)
  assert.deepEqual(await traces(), none)
})

test('told to end in the middle it cleans up before it goes', async (t) => {
  const door = await aDoor(t)
  const { code, text } = await run(
    t,
    { EDGE_URL: 'http://127.0.0.1:9', RTMP_URL: `rtmp://127.0.0.1:${door.port}/live` },
    (line, end) => {
      if (line.startsWith('ok   a show opens')) end()
    },
  )
  assert.equal(code, 1)
  assert.match(text, /^FAIL the show is live: told to end \(SIGTERM\)/m)
  assert.deepEqual(await traces(), none)
})
