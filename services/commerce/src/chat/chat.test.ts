/** The chat of a show on two processes: what is refused, taken away and told, and who did it. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EventReader } from '../testing/event-reader.ts'
import { eventually } from '../testing/eventually.ts'
import { aBroadcast, signedIn, type TestAccount } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'
import { forgetOld } from './upkeep.ts'

const app = await startTestApp({ LIMIT_MESSAGES_PER_SECOND: '20', LIMIT_MESSAGES_PER_SECOND_IN_BROADCAST: '5' })
const other = await app.another()

async function aShow() {
  const seller = await signedIn(app.url, '판매자')
  const viewer = await signedIn(app.url, '민아')
  const { id } = await aBroadcast(seller)
  const path = `/broadcasts/${id}`
  const say = async (text: string, by: TestAccount = viewer, more: object = {}) =>
    (await by.expect(202, 'POST', `${path}/chat`, { text, ...more })).id as string
  const refused = async (text: string, status: number, by: TestAccount = viewer) =>
    (await by.expect(status, 'POST', `${path}/chat`, { text })).code as string
  const restrict = (kind: string, seconds: number | null, account = viewer) =>
    seller.expect(204, 'PUT', `${path}/chat-restrictions/${account.id}`, { kind, seconds })
  return { seller, viewer, id, path, say, refused, restrict }
}

async function anAdmin(): Promise<TestAccount> {
  const admin = await signedIn(app.url, '운영자')
  await app.db('accounts').where('id', admin.id).update({ role: 'admin' })
  admin.token = (await admin.expect(201, 'POST', '/sessions/refresh')).accessToken
  return admin
}

/** The same account, calling the other process. */
const elsewhere = (account: TestAccount): TestAccount => Object.assign(Object.create(account), { url: other.url })

describe('messages', () => {
  test('an answer says which message it answers', async () => {
    const { say, id } = await aShow()
    await using screen = await EventReader.open(other.url, id)
    const first = await say('당도가 어때요?')
    const second = await say('12브릭스요', undefined, { replyTo: first })
    assert.equal((await screen.next('chat')).id, first)
    const { data } = await screen.next('chat')
    assert.deepEqual([data.id, data.replyTo], [second, { id: first, displayName: '민아' }])
  })

  test('an answer to what is gone is said by itself', async () => {
    const { say, id } = await aShow()
    await using screen = await EventReader.open(other.url, id)
    await say('늦은 답', undefined, { replyTo: '1-1' })
    assert.equal((await screen.next('chat')).data.replyTo, undefined)
  })

  test('a message that a process of the version before took is taken away, too', async () => {
    const { seller, path, id } = await aShow()
    const data = { id: crypto.randomUUID(), displayName: '옛', text: '예전', at: new Date().toISOString() }
    await app.redis.xadd(`live:${id}`, '*', 'event', JSON.stringify({ type: 'chat', data }))
    await seller.expect(204, 'DELETE', `${path}/chat/${data.id}`)
    await seller.expect(404, 'DELETE', `${path}/chat/${data.id}`)
  })

  test('without Redis nobody would hear it, and that is said', async (t) => {
    const { viewer, path } = await aShow()
    const gone = t.mock.method(app.redis, 'eval', () => Promise.reject(new Error('gone')))
    const answer = await viewer.post(`${path}/chat`, { text: '들리나요' })
    gone.mock.restore()
    assert.deepEqual([answer.status, answer.body.code], [503, 'chat_unavailable'])
  })
})

describe('moderation', () => {
  test('a mute holds on every process from the next message on, says for how long, and ends', async () => {
    const { viewer, path, say, restrict } = await aShow()
    await say('안녕하세요')
    const since = Date.now()
    await restrict('mute', 600)
    const there = await elsewhere(viewer).call('POST', `${path}/chat`, { text: '저요' })
    assert.deepEqual([there.status, there.body.code], [403, 'chat_muted'])
    const wait = Number(there.headers.get('retry-after'))
    assert.ok(wait >= 600 - (Date.now() - since) / 1_000 && wait <= 600, `${wait} s`)
    await app.db('chat_restrictions').where('account_id', viewer.id).update({ until_at: new Date() })
    await say('다시 왔어요')
  })

  test('a mute is for all shows of the seller, and for nobody else’s', async () => {
    const { seller, viewer, path, restrict } = await aShow()
    await restrict('mute', null)
    await seller.expect(200, 'POST', `${path}/end`)
    const { id: next } = await aBroadcast(seller)
    assert.equal((await viewer.expect(403, 'POST', `/broadcasts/${next}/chat`, { text: '네' })).code, 'chat_muted')
    const { id: elsewhere } = await aBroadcast(await signedIn(app.url))
    await viewer.expect(202, 'POST', `/broadcasts/${elsewhere}/chat`, { text: '네' })
  })

  test('a ban takes away all that was said, from screens and for latecomers', async () => {
    const { viewer, id, say, refused, restrict } = await aShow()
    const another = await signedIn(app.url, '수진')
    await using screen = await EventReader.open(other.url, id)
    await say('도배')
    await say('괜찮은 말', another)
    await say('도배도배')
    await restrict('ban', null)
    assert.equal((await screen.next('chat_hidden')).data.authorId, viewer.id)
    assert.equal(await refused('또 도배', 403), 'chat_banned')
    await using late = await EventReader.open(other.url, id)
    assert.equal((await late.next('chat')).data.text, '괜찮은 말')
    await say('마지막', another)
    assert.equal((await late.next('chat')).data.text, '마지막')
  })

  test('who is hidden from others is told nothing: the answer is as any, and others do not hear it', async () => {
    const { viewer, path, id, say, restrict } = await aShow()
    const another = await signedIn(app.url, '수진')
    await using screen = await EventReader.open(other.url, id)
    const open = await viewer.expect(202, 'POST', `${path}/chat`, { text: '보이는 말' })
    await screen.next('chat')
    await restrict('shadow', null)
    const hidden = await viewer.expect(202, 'POST', `${path}/chat`, { text: '안 보이는 말' })
    assert.deepEqual(Object.keys(hidden), Object.keys(open))
    assert.match(hidden.id, /^\d+-\d+$/)
    await say('그 다음 말', another)
    assert.equal((await screen.next('chat')).data.text, '그 다음 말')
  })

  test('the seller and admins are kept from no chat, and only they keep others', async () => {
    const { seller, viewer, path } = await aShow()
    const admin = await anAdmin()
    const ban = { kind: 'ban', seconds: null }
    for (const staff of [seller, admin]) {
      const answer = await seller.expect(422, 'PUT', `${path}/chat-restrictions/${staff.id}`, ban)
      assert.equal(answer.code, 'staff_not_restricted')
    }
    await viewer.expect(403, 'PUT', `${path}/chat-restrictions/${seller.id}`, ban)
    await admin.expect(204, 'PUT', `${path}/chat-restrictions/${viewer.id}`, ban)
    const { items } = await seller.expect(200, 'GET', `${path}/chat-restrictions`)
    assert.deepEqual([items[0].accountId, items[0].displayName, items[0].kind], [viewer.id, '민아', 'ban'])
    await seller.expect(204, 'DELETE', `${path}/chat-restrictions/${viewer.id}`)
    await viewer.expect(202, 'POST', `${path}/chat`, { text: '고맙습니다' })
  })

  test('a seller keeps a thousand accounts from the chat, and no more', async () => {
    const { seller, viewer, path, restrict } = await aShow()
    await restrict('mute', null)
    const rows = Array.from({ length: 999 }, (_, index) => ({
      seller_id: seller.id,
      account_id: `acc_${index}`,
      kind: 'mute',
      made_at: new Date(),
      made_by: seller.id,
    }))
    await app.db('chat_restrictions').insert(rows)
    const another = await signedIn(app.url)
    const more = `${path}/chat-restrictions/${another.id}`
    assert.equal((await seller.expect(409, 'PUT', more, { kind: 'ban', seconds: 60 })).code, 'too_many_restricted')
    await restrict('ban', 60, viewer) // one of them, another kind
  })

  test('what the seller and admins did is written down, with who and to whom', async () => {
    const { seller, viewer, path, say, restrict } = await aShow()
    const admin = await anAdmin()
    const message = await say('지울 말')
    await admin.expect(204, 'DELETE', `${path}/chat/${message}`)
    await seller.expect(200, 'PATCH', `${path}/chat-settings`, { slowSeconds: 5 })
    await restrict('mute', 60)
    const first = await seller.expect(200, 'GET', `${path}/chat-acts?limit=2`)
    const rest = await seller.expect(200, 'GET', `${path}/chat-acts?limit=2&cursor=${first.nextCursor}`)
    const acts = [...first.items, ...rest.items].map(({ act, actorId, actorRole, accountId, details }) => [
      act,
      actorId,
      actorRole,
      accountId,
      details,
    ])
    assert.deepEqual(acts, [
      ['mute', seller.id, 'seller', viewer.id, '60 s'],
      ['settings', seller.id, 'seller', null, '{"slowSeconds":5}'],
      ['delete', admin.id, 'admin', viewer.id, '지울 말'],
    ])
    await viewer.expect(403, 'GET', `${path}/chat-acts`)
  })
})

describe('how a chat is set', () => {
  test('a frozen chat takes what the seller says and nobody else; screens on all processes are told', async () => {
    const { seller, id, path, say, refused } = await aShow()
    await using screen = await EventReader.open(other.url, id)
    await screen.next('state')
    await seller.expect(200, 'PATCH', `${path}/chat-settings`, { frozen: true })
    assert.equal((await screen.next('chat_settings')).data.frozen, true)
    assert.equal(await refused('네?', 409), 'chat_frozen')
    await say('잠시만요', seller)
    await using late = await EventReader.open(app.url, id)
    assert.equal((await late.next('chat_settings')).data.frozen, true)
    await seller.expect(200, 'PATCH', `${path}/chat-settings`, { frozen: false })
    await say('이제 되네요')
  })

  test('slow mode is one clock for all processes, and says how long; the seller may go on', async () => {
    const { seller, viewer, path, say } = await aShow()
    await seller.expect(200, 'PATCH', `${path}/chat-settings`, { slowSeconds: 30 })
    const since = Date.now()
    await say('첫 번째')
    const second = await elsewhere(viewer).call('POST', `${path}/chat`, { text: '두 번째' })
    assert.deepEqual([second.status, second.body.code], [429, 'slow_mode'])
    const wait = Number(second.headers.get('retry-after'))
    assert.ok(wait >= 30 - (Date.now() - since) / 1_000 && wait <= 30, `${wait} s`)
    await say('하나', seller)
    await say('둘', seller)
    await seller.expect(200, 'PATCH', `${path}/chat-settings`, { slowSeconds: 0 })
    await say('이제 바로')
  })

  test('what slow mode refuses, and what only its author sees, takes nobody’s place in the show', async () => {
    const { seller, viewer, path, say, refused, restrict } = await aShow()
    const [fast, another] = [await signedIn(app.url, '수진'), await signedIn(app.url, '보람')]
    await seller.expect(200, 'PATCH', `${path}/chat-settings`, { slowSeconds: 30 })
    await say('하나', fast)
    const tooFast = await Promise.all(Array.from({ length: 15 }, () => refused('둘', 429, fast)))
    assert.deepEqual(new Set(tooFast), new Set(['slow_mode']))
    await seller.expect(200, 'PATCH', `${path}/chat-settings`, { slowSeconds: 0 })
    await restrict('shadow', null)
    await Promise.all(Array.from({ length: 15 }, () => say('도배', viewer)))
    await say('저도요', another)
  })

  test('words and links that the seller does not want are refused by the next message on, also when disguised', async () => {
    const { seller, say, refused } = await aShow()
    await say('사기 아니죠?')
    assert.equal(await refused('bit.ly/abc 들어오세요', 422), 'chat_link')
    await seller.expect(200, 'PUT', '/chat-rules', { bannedWords: ['사기'], links: 'everybody' })
    assert.equal(await refused('사 기 아니죠?', 422), 'chat_word')
    await say('bit.ly/abc 들어오세요')
    await seller.expect(200, 'PUT', '/chat-rules', { bannedWords: ['다른'], links: 'staff' })
    await say('사기 아니죠?')
    assert.deepEqual(await seller.expect(200, 'GET', '/chat-rules'), { bannedWords: ['다른'], links: 'staff' })
    const many = { bannedWords: Array.from({ length: 201 }, (_, index) => `말${index}`), links: 'staff' }
    await seller.expect(400, 'PUT', '/chat-rules', many)
  })

  test('a message or an announcement stands over the chat, until it is taken away or its message is', async () => {
    const { seller, viewer, id, path, say, restrict } = await aShow()
    await using screen = await EventReader.open(other.url, id)
    const message = await say('오늘 몇 시까지 해요?')
    const put = (notice: object) => seller.expect(200, 'PUT', `${path}/chat-notice`, notice)
    await put({ chatId: message })
    const shown = (await screen.next('chat_settings')).data
    assert.deepEqual([shown.notice.chatId, shown.notice.text], [message, '오늘 몇 시까지 해요?'])
    await seller.expect(204, 'DELETE', `${path}/chat/${message}`)
    const gone = (await screen.next('chat_settings')).data
    assert.equal(gone.notice, null)
    assert.ok(gone.revision > shown.revision)
    assert.equal((await put({ text: '무료 배송입니다' })).notice.role, 'host')
    assert.equal((await put({})).notice, null)
    await put({ chatId: await say('나를 봐요') })
    await restrict('ban', 60, viewer)
    await eventually('the notice goes with its author', async () => {
      const { data } = await screen.next('chat_settings')
      return data.notice === null ? true : undefined
    })
    await seller.expect(404, 'PUT', `${path}/chat-notice`, { chatId: '1-1' })
    await seller.expect(400, 'PUT', `${path}/chat-notice`, { chatId: '1-1', text: '둘 다' })
    await viewer.expect(403, 'PUT', `${path}/chat-notice`, { text: '내 것' })
  })
})

describe('reports', () => {
  test('a reported message waits for its seller and for admins, once, and goes when they say so', async () => {
    const { seller, viewer, id, path, say } = await aShow()
    const [first, second] = [await signedIn(app.url, '수진'), await signedIn(app.url, '보람')]
    const message = await say('계좌로 보내세요')
    const report = `${path}/chat/${message}/reports`
    await first.expect(204, 'POST', report, { reason: 'fraud' })
    await first.expect(204, 'POST', report, { reason: 'spam' })
    await second.expect(204, 'POST', report, { reason: 'abuse' })
    const { items } = await seller.expect(200, 'GET', '/chat-reports')
    assert.equal(items.length, 1)
    assert.deepEqual(
      [items[0].text, items[0].authorId, items[0].reason, items[0].reporters],
      ['계좌로 보내세요', viewer.id, 'fraud', 2],
    )
    const admin = await anAdmin()
    assert.ok(
      (await admin.expect(200, 'GET', '/chat-reports?limit=100')).items.some(
        (one: { id: string }) => one.id === items[0].id,
      ),
    )
    const stranger = await signedIn(app.url)
    assert.equal((await stranger.expect(200, 'GET', '/chat-reports')).items.length, 0)
    await stranger.expect(404, 'PUT', `/chat-reports/${items[0].id}/decision`, { decision: 'kept' })
    await using screen = await EventReader.open(other.url, id)
    await admin.expect(204, 'PUT', `/chat-reports/${items[0].id}/decision`, { decision: 'removed' })
    assert.equal((await screen.next('chat_hidden')).data.id, message)
    await seller.expect(204, 'PUT', `/chat-reports/${items[0].id}/decision`, { decision: 'kept' })
    assert.equal((await seller.expect(200, 'GET', '/chat-reports?state=removed')).items[0].id, items[0].id)
    await first.expect(404, 'POST', report, { reason: 'fraud' })
    const acts = (await seller.expect(200, 'GET', `${path}/chat-acts`)).items
    assert.deepEqual(
      acts.map((each: { act: string; actorId: string }) => [each.act, each.actorId]),
      [['remove_reported', admin.id]],
    )
  })

  test('about what the seller said admins decide, not the seller', async () => {
    const { seller, viewer, path, say } = await aShow()
    const message = await say('계좌로 보내 주세요', seller)
    await viewer.expect(204, 'POST', `${path}/chat/${message}/reports`, { reason: 'fraud' })
    assert.deepEqual((await seller.expect(200, 'GET', '/chat-reports')).items, [])
    const admin = await anAdmin()
    const find = async (state: string) =>
      (await admin.expect(200, 'GET', `/chat-reports?limit=100&state=${state}`)).items.find(
        (one: { chatId: string }) => one.chatId === message,
      )
    const { id: report } = await find('open')
    await seller.expect(404, 'PUT', `/chat-reports/${report}/decision`, { decision: 'kept' })
    await seller.expect(204, 'DELETE', `${path}/chat/${message}`)
    assert.equal((await find('open'))?.id, report, 'what was said is not undone by taking it away')
    await admin.expect(204, 'PUT', `/chat-reports/${report}/decision`, { decision: 'removed' })
    assert.equal((await find('removed')).id, report)
  })

  test('a report whose message the chat has forgotten can still be decided', async () => {
    const { seller, viewer, id, path, say } = await aShow()
    const message = await say('곧 잊힐 말')
    await viewer.expect(204, 'POST', `${path}/chat/${message}/reports`, { reason: 'other' })
    await app.redis.del(`live:${id}`)
    const { items } = await seller.expect(200, 'GET', '/chat-reports')
    await seller.expect(204, 'PUT', `/chat-reports/${items[0].id}/decision`, { decision: 'removed' })
    assert.equal((await seller.expect(200, 'GET', '/chat-reports')).items.length, 0)
  })

  test('half a year later nobody remembers', async () => {
    const { viewer, path, say } = await aShow()
    const message = await say('오래된 말')
    await viewer.expect(204, 'POST', `${path}/chat/${message}/reports`, { reason: 'other' })
    const old = new Date(Date.now() - 181 * 86_400_000)
    await app.db('chat_reports').where('chat_id', message).update({ reported_at: old })
    await forgetOld(app.db)
    assert.equal(await app.db('chat_reports').where('chat_id', message).first('id'), undefined)
  })
})
