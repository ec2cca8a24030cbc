/** How many event streams one address or account may have open, and what an address is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventReader } from '../testing/event-reader.ts'
import { aBroadcast, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp({ LIVE_MAX_LISTENERS_PER_ADDRESS: '2', TRUSTED_PROXIES: '2' })

test('an address has its share of streams, by /64 of IPv6 and behind two proxies; one that ends gives its place', async () => {
  const { id } = await aBroadcast(await signedIn(app.url))
  const open = async (from: string) => {
    const cut = new AbortController()
    const { status, body } = await fetch(`${app.url}/api/commerce/v1/broadcasts/${id}/events`, {
      // who calls writes the first entry itself; each of the two proxies adds what it saw
      headers: { 'x-forwarded-for': `10.9.9.9, ${from}, 192.0.2.1` },
      signal: cut.signal,
    })
    if (status !== 200) await body?.cancel()
    return { status, cut: () => cut.abort() }
  }
  const first = await open('2001:db8:1:2::1')
  assert.equal(first.status, 200)
  assert.equal((await open('2001:db8:1:2:ffff::2')).status, 200)
  assert.equal((await open('2001:db8:1:2::3')).status, 429)
  assert.equal((await open('2001:db8:1:3::3')).status, 200)
  assert.equal((await open('203.0.113.7')).status, 200)
  first.cut()
  const deadline = Date.now() + 60_000
  let again = await open('2001:db8:1:2::4')
  while (again.status === 429 && Date.now() < deadline) again = await open('2001:db8:1:2::4')
  assert.equal(again.status, 200)
})

test('streams of orders take places as those of broadcasts do, and an account has twenty', async () => {
  const buyer = await signedIn(app.url)
  const { id } = await aBroadcast(buyer)
  const cookie = buyer.cookie ?? ''
  await using open = new AsyncDisposableStack()
  const hear = async (from: string, path = '/orders/events') => {
    const headers = { cookie, 'x-forwarded-for': `${from}, 192.0.2.1` }
    return open.use(await EventReader.openAt(app.url, path, headers))
  }
  await hear('198.51.100.1')
  await hear('198.51.100.1')
  await assert.rejects(hear('198.51.100.1'), /429/)
  await assert.rejects(hear('198.51.100.1', `/broadcasts/${id}/events`), /429/)
  for (let n = 2; n < 20; n += 1) await hear(`198.51.100.${n}`)
  await assert.rejects(hear('198.51.100.20'), /429/)
  await hear('198.51.100.20', `/broadcasts/${id}/events`)
  await hear('198.51.100.20', `/broadcasts/${id}/events`) // the refused one kept no place
})
