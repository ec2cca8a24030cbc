import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventReader } from '../testing/event-reader.ts'
import { eventually } from '../testing/eventually.ts'
import { aBroadcast, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp()
const other = await app.another()

test('hearts of two processes are one sum, told once a second however many there are', async () => {
  const seller = await signedIn(app.url)
  const { id } = await aBroadcast(seller)
  const urls = [app.url, other.url]
  const fans = await Promise.all(Array.from({ length: 12 }, (_, index) => signedIn(urls[index % 2] ?? '')))
  await using viewer = await EventReader.open(other.url, id)
  await viewer.next('state')
  const from = performance.now()
  await Promise.all(
    fans.flatMap((fan) => [1, 2, 3].map(() => fan.expect(202, 'POST', `/broadcasts/${id}/hearts`, { hearts: 10 }))),
  )
  let events = 0
  for (let hearts = 0; hearts < 360; events += 1) hearts = (await viewer.next('hearts')).data.hearts
  const seconds = (performance.now() - from) / 1_000
  assert.ok(events <= Math.ceil(seconds) + 1, `${events} events in ${seconds.toFixed(1)} s`)
  await using late = await EventReader.open(app.url, id)
  let told = 0 // by the row first, which follows some seconds later
  while (told < 360) told = (await late.next('hearts')).data.hearts
  assert.equal(told, 360)
})

test('the row follows, and is where the sum goes on when Redis has lost it', async () => {
  const seller = await signedIn(app.url)
  const { id } = await aBroadcast(seller)
  await using viewer = await EventReader.open(app.url, id)
  await viewer.next('state')
  await seller.expect(202, 'POST', `/broadcasts/${id}/hearts`, { hearts: 7 })
  await eventually('the row has them', async () => {
    const row = await app.db('broadcasts').where({ id }).first('hearts')
    return row.hearts === 7 ? true : undefined
  })
  assert.equal((await seller.expect(200, 'GET', `/broadcasts/${id}`)).hearts, 7)
  await app.redis.del(`hearts:${id}`)
  assert.equal((await seller.expect(202, 'POST', `/broadcasts/${id}/hearts`, { hearts: 2 })).hearts, 9)
})

test('one viewer gives ten requests in ten seconds, and none once the show is over', async () => {
  const [seller, fan] = [await signedIn(app.url), await signedIn(app.url)]
  const { id } = await aBroadcast(seller)
  const path = `/broadcasts/${id}/hearts`
  const answers = await Promise.all(Array.from({ length: 15 }, () => fan.post(path, { hearts: 10 })))
  assert.equal(answers.filter(({ status }) => status === 202).length, 10)
  assert.equal(answers.find(({ status }) => status === 429)?.body.code, 'rate_limited')
  for (const hearts of [0, 11, 1.5]) await seller.expect(400, 'POST', path, { hearts })
  await app.anonymous.expect(401, 'POST', path, { hearts: 1 })
  await seller.expect(404, 'POST', '/broadcasts/b-nothing/hearts', { hearts: 1 })
  await seller.expect(200, 'POST', `/broadcasts/${id}/end`)
  await eventually('the state is read again', async () => {
    const answer = await seller.post(path, { hearts: 1 })
    return answer.body.code === 'broadcast_state' ? true : undefined
  })
})

test('without Redis hearts are not counted, and that is said', async (t) => {
  const seller = await signedIn(app.url)
  const { id } = await aBroadcast(seller)
  const gone = t.mock.method(app.redis, 'eval', () => Promise.reject(new Error('gone')))
  const answer = await seller.post(`/broadcasts/${id}/hearts`, { hearts: 1 })
  gone.mock.restore()
  assert.deepEqual([answer.status, answer.body.code], [503, 'chat_unavailable'])
})
