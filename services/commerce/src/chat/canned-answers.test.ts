/** Answers that a seller keeps ready for the chat. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventReader } from '../testing/event-reader.ts'
import { aBroadcast, signedIn } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'

const app = await startTestApp({ LIMIT_MESSAGES_PER_SECOND: '20' })
const delivery = { title: '배송', text: '오늘 주문은 내일 보내요' }
const size = { title: '사이즈', text: '한 치수 크게 고르세요' }

test('a seller keeps answers in an order, and another seller has others', async () => {
  const [seller, another] = [await signedIn(app.url), await signedIn(app.url)]
  assert.deepEqual(await seller.expect(200, 'GET', '/chat-answers'), { revision: 0, items: [] })
  const first = await seller.expect(200, 'PUT', '/chat-answers', { revision: 0, items: [delivery, size] })
  assert.deepEqual(first, { revision: 1, items: [delivery, size] })
  await seller.expect(200, 'PUT', '/chat-answers', { revision: 1, items: [size, delivery] })
  assert.deepEqual((await seller.expect(200, 'GET', '/chat-answers')).items, [size, delivery])
  assert.deepEqual((await another.expect(200, 'GET', '/chat-answers')).items, [])
  await app.anonymous.expect(401, 'GET', '/chat-answers')
})

test('of two windows that save what they saw, the second is told, and nothing is lost', async () => {
  const seller = await signedIn(app.url)
  const save = (revision: number, items: object[]) => seller.call('PUT', '/chat-answers', { revision, items })
  const first = await Promise.all([save(0, [delivery]), save(0, [size])])
  assert.deepEqual(
    first.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409],
  )
  const refused = first.find(({ status }) => status === 409)
  assert.equal(refused?.body.code, 'answers_changed')
  const second = await Promise.all([save(1, [delivery, size]), save(1, [])])
  assert.deepEqual(
    second.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409],
  )
  assert.equal((await save(1, [])).status, 409)
  assert.equal((await save(7, [])).status, 409, 'a revision that never was')
})

test('thirty answers are kept and no more, each of a line that the chat takes', async () => {
  const seller = await signedIn(app.url)
  const many = (count: number) => Array.from({ length: count }, (_, index) => ({ title: `${index}`, text: '네' }))
  await seller.expect(400, 'PUT', '/chat-answers', { revision: 0, items: many(31) })
  for (const wrong of [
    { title: '', text: '네' },
    { title: '네', text: '' },
    { title: 'x'.repeat(31), text: '네' },
    { title: '네', text: 'x'.repeat(201) },
    { title: '네', text: '두\n줄' },
  ])
    await seller.expect(400, 'PUT', '/chat-answers', { revision: 0, items: [wrong] })
  const largest = Array.from({ length: 30 }, () => ({ title: '가'.repeat(30), text: '가'.repeat(200) }))
  await seller.expect(200, 'PUT', '/chat-answers', { revision: 0, items: largest })
  assert.deepEqual((await seller.expect(200, 'GET', '/chat-answers')).items, largest)
})

test('an answer is said as any message of the seller, also in reply, and also while the chat is frozen', async () => {
  const [seller, viewer] = [await signedIn(app.url, '판매자'), await signedIn(app.url, '민아')]
  const { id } = await aBroadcast(seller)
  await using screen = await EventReader.open(app.url, id)
  const { id: question } = await viewer.expect(202, 'POST', `/broadcasts/${id}/chat`, { text: '언제 와요?' })
  await screen.next('chat')
  await seller.expect(200, 'PATCH', `/broadcasts/${id}/chat-settings`, { frozen: true, slowSeconds: 60 })
  await seller.expect(200, 'PUT', '/chat-answers', { revision: 0, items: [delivery] })
  const { items } = await seller.expect(200, 'GET', '/chat-answers')
  await seller.expect(202, 'POST', `/broadcasts/${id}/chat`, { text: items[0].text, replyTo: question })
  const { data } = await screen.next('chat')
  assert.deepEqual(
    [data.text, data.author.role, data.replyTo],
    [delivery.text, 'host', { id: question, displayName: '민아' }],
  )
})

test('who deletes the account leaves no answers', async () => {
  const seller = await signedIn(app.url)
  await seller.expect(200, 'PUT', '/chat-answers', { revision: 0, items: [delivery] })
  await seller.expect(204, 'POST', '/accounts/me/deletion', { password: 'correct horse battery' })
  assert.equal(await app.db('chat_answers').where('seller_id', seller.id).first(), undefined)
})
