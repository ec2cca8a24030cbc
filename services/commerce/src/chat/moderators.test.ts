/** Whom a seller has keep a chat in order: what they may, what they may not, and how that ends. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EventReader } from '../testing/event-reader.ts'
import { aBroadcast, aProduct, signedIn, testPassword, type TestAccount } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'
import { moderatorsMax } from './moderators.ts'
import { forgetOld } from './upkeep.ts'

const app = await startTestApp({ LIMIT_MESSAGES_PER_SECOND: '20' })
const other = await app.another()

/** A show with a moderator who was named, and a viewer. */
async function aKeptShow() {
  const [seller, moderator, viewer] = await Promise.all(
    ['판매자', '지기', '민아'].map((name) => signedIn(app.url, name)),
  )
  assert.ok(seller && moderator && viewer)
  const { id } = await aBroadcast(seller)
  await seller.expect(204, 'PUT', `/chat-moderators/${moderator.id}`)
  const path = `/broadcasts/${id}`
  const say = async (by: TestAccount, text: string) =>
    (await by.expect(202, 'POST', `${path}/chat`, { text })).id as string
  const kept = (account: TestAccount) => `${path}/chat-restrictions/${account.id}`
  return { seller, moderator, viewer, id, path, say, kept }
}

/** The same account, calling the other process. */
const elsewhere = (account: TestAccount): TestAccount => Object.assign(Object.create(account), { url: other.url })

async function anAdmin(): Promise<TestAccount> {
  const admin = await signedIn(app.url, '운영자')
  await app.db('accounts').where('id', admin.id).update({ role: 'admin' })
  admin.token = (await admin.expect(201, 'POST', '/sessions/refresh')).accessToken
  return admin
}

const confirm = (account: TestAccount) =>
  app.db('accounts').where('id', account.id).update({ email_verified_at: new Date() })

describe('a moderator', () => {
  test('takes away what viewers said, mutes for a time, freezes and slows, and is written down as one', async () => {
    const { seller, moderator, viewer, path, say, kept } = await aKeptShow()
    const message = await say(viewer, '도배')
    await moderator.expect(204, 'DELETE', `${path}/chat/${message}`)
    await moderator.expect(204, 'PUT', kept(viewer), { kind: 'mute', seconds: 600 })
    assert.equal((await viewer.expect(403, 'POST', `${path}/chat`, { text: '네' })).code, 'chat_muted')
    const { items } = await moderator.expect(200, 'GET', `${path}/chat-restrictions`)
    assert.deepEqual(
      items.map((each: { accountId: string }) => each.accountId),
      [viewer.id],
    )
    await moderator.expect(204, 'DELETE', kept(viewer))
    await say(viewer, '고맙습니다')
    const set = await moderator.expect(200, 'PATCH', `${path}/chat-settings`, { frozen: true, slowSeconds: 30 })
    assert.deepEqual([set.frozen, set.slowSeconds], [true, 30])
    const acts = (await seller.expect(200, 'GET', `${path}/chat-acts`)).items
    assert.deepEqual(
      acts.map((each: { act: string; actorId: string; actorRole: string }) => [each.act, each.actorId, each.actorRole]),
      ['settings', 'admit', 'mute', 'delete'].map((act) => [act, moderator.id, 'moderator']),
    )
  })

  test('is told from others by a role that only the service gives, and writes while the chat is frozen', async () => {
    const { seller, moderator, id, path, say } = await aKeptShow()
    await using screen = await EventReader.open(other.url, id)
    await seller.expect(200, 'PATCH', `${path}/chat-settings`, { frozen: true, slowSeconds: 60 })
    await say(moderator, '잠시만 기다려 주세요')
    await say(moderator, 'https://example.com/notice')
    assert.deepEqual((await screen.next('chat')).data.author, { id: moderator.id, role: 'moderator' })
    const me = await moderator.expect(200, 'GET', '/accounts/me')
    assert.deepEqual(me.moderates, [seller.id])
  })

  test('keeps the chats of all shows of this seller, and of no other', async () => {
    const { seller, moderator, viewer, path } = await aKeptShow()
    await seller.expect(200, 'POST', `${path}/end`)
    const { id: next } = await aBroadcast(seller)
    await moderator.expect(200, 'PATCH', `/broadcasts/${next}/chat-settings`, { slowSeconds: 5 })
    const { id: elsewhere } = await aBroadcast(await signedIn(app.url))
    await moderator.expect(403, 'PATCH', `/broadcasts/${elsewhere}/chat-settings`, { frozen: true })
    await moderator.expect(403, 'PUT', `/broadcasts/${elsewhere}/chat-restrictions/${viewer.id}`, {
      kind: 'mute',
      seconds: 60,
    })
    const { id: said } = await viewer.expect(202, 'POST', `/broadcasts/${elsewhere}/chat`, { text: '네' })
    await moderator.expect(403, 'DELETE', `/broadcasts/${elsewhere}/chat/${said}`)
  })

  test('who is dismissed, or leaves, may do nothing more from then on, on whatever process', async () => {
    const { seller, moderator, viewer, id, path, say, kept } = await aKeptShow()
    const there = elsewhere(moderator)
    await there.expect(200, 'PATCH', `${path}/chat-settings`, { slowSeconds: 0 })
    await seller.expect(204, 'DELETE', `/chat-moderators/${moderator.id}`)
    await there.expect(403, 'PATCH', `${path}/chat-settings`, { frozen: true })
    await there.expect(403, 'PUT', kept(viewer), { kind: 'mute', seconds: 60 })
    await there.expect(403, 'DELETE', `${path}/chat/${await say(viewer, '네')}`)
    await there.expect(403, 'GET', `${path}/chat-restrictions`)
    await using screen = await EventReader.open(other.url, id)
    await screen.next('chat')
    await say(moderator, '저는 이제 시청자예요')
    assert.equal((await screen.next('chat')).data.author.role, 'viewer')
    await seller.expect(204, 'PUT', `/chat-moderators/${moderator.id}`)
    await moderator.expect(204, 'DELETE', `/chat-moderating/${seller.id}`)
    await moderator.expect(403, 'PATCH', `${path}/chat-settings`, { frozen: true })
    assert.deepEqual((await moderator.expect(200, 'GET', '/accounts/me')).moderates, [])
  })

  test('does nothing beyond that: not for good, not to the keepers, not to the show, its money or its desk', async () => {
    const { seller, moderator, viewer, path, say, kept } = await aKeptShow()
    const [second, admin, product] = [await signedIn(app.url), await anAdmin(), await aProduct(seller)]
    await seller.expect(204, 'PUT', `/chat-moderators/${second.id}`)
    const message = await say(viewer, '당도가 어때요?')
    await viewer.expect(204, 'POST', `${path}/chat/${message}/reports`, { reason: 'spam' })
    const [report] = (await seller.expect(200, 'GET', '/chat-reports')).items
    const mute = { kind: 'mute', seconds: 60 }
    const refusals: [status: number, method: string, path: string, body?: object][] = [
      [403, 'PUT', kept(viewer), { kind: 'ban', seconds: 60 }],
      [403, 'PUT', kept(viewer), { kind: 'shadow', seconds: 60 }],
      [403, 'PUT', kept(viewer), { kind: 'mute', seconds: null }],
      [403, 'PUT', kept(viewer), { kind: 'mute', seconds: 86_401 }],
      [422, 'PUT', kept(seller), mute],
      [422, 'PUT', kept(admin), mute],
      [422, 'PUT', kept(second), mute],
      [403, 'DELETE', `${path}/chat/${await say(seller, '오늘만 무료 배송')}`],
      [403, 'DELETE', `${path}/chat/${await say(admin, '운영팀입니다')}`],
      [403, 'DELETE', `${path}/chat/${await say(second, '저도 지기예요')}`],
      [403, 'PUT', `${path}/chat-notice`, { chatId: message }],
      [403, 'GET', `${path}/chat-acts`],
      [404, 'PUT', `/chat-reports/${report.id}/decision`, { decision: 'kept' }],
      [403, 'POST', `${path}/end`],
      [403, 'PUT', `${path}/pins`, { productIds: [product.id] }],
      [403, 'PUT', `${path}/products`, { items: [{ productId: product.id, hidden: false }] }],
      [403, 'GET', `${path}/report`],
      [403, 'GET', `${path}/chat-file`],
      [403, 'PATCH', `/products/${product.id}`, { price: { amount: 1, currency: 'KRW' } }],
    ]
    for (const [status, method, of, body] of refusals) {
      const answer = await moderator.call(method, of, body)
      assert.equal(answer.status, status, `${method} ${of} ${JSON.stringify(body)}: ${JSON.stringify(answer.body)}`)
    }
    assert.deepEqual((await moderator.expect(200, 'GET', '/chat-reports')).items, [])
    assert.equal((await moderator.expect(200, 'GET', '/chat-rules')).bannedWords.length, 0, 'its own, as a seller')
    await moderator.expect(204, 'PUT', `/chat-moderators/${viewer.id}`) // of its own chats
    await viewer.expect(403, 'PATCH', `${path}/chat-settings`, { frozen: true })
    assert.deepEqual((await seller.expect(200, 'GET', `${path}/chat-restrictions`)).items, [])
  })

  test('takes away what it said itself, and reports of that stay with the seller', async () => {
    const { seller, moderator, viewer, path, say } = await aKeptShow()
    const message = await say(moderator, '실수')
    await viewer.expect(204, 'POST', `${path}/chat/${message}/reports`, { reason: 'abuse' })
    await moderator.expect(204, 'DELETE', `${path}/chat/${message}`)
    assert.equal((await seller.expect(200, 'GET', '/chat-reports')).items[0].chatId, message)
  })

  test('neither lifts nor shortens what the seller or another moderator did', async () => {
    const { seller, moderator, viewer, path, kept } = await aKeptShow()
    const second = await signedIn(app.url)
    await seller.expect(204, 'PUT', `/chat-moderators/${second.id}`)
    const listed = async (by: TestAccount) =>
      (await by.expect(200, 'GET', `${path}/chat-restrictions`)).items.map((each: { kind: string }) => each.kind)
    await seller.expect(204, 'PUT', kept(viewer), { kind: 'ban', seconds: null })
    await moderator.expect(403, 'PUT', kept(viewer), { kind: 'mute', seconds: 1 })
    await moderator.expect(403, 'DELETE', kept(viewer))
    assert.deepEqual([await listed(seller), await listed(moderator)], [['ban'], []])
    await seller.expect(204, 'DELETE', kept(viewer))
    await second.expect(204, 'PUT', kept(viewer), { kind: 'mute', seconds: 3_600 })
    await moderator.expect(403, 'PUT', kept(viewer), { kind: 'mute', seconds: 1 })
    await moderator.expect(403, 'DELETE', kept(viewer))
    await second.expect(204, 'PUT', kept(viewer), { kind: 'mute', seconds: 60 }) // the own one
    await app.db('chat_restrictions').where('account_id', viewer.id).update({ until_at: new Date() })
    await moderator.expect(204, 'PUT', kept(viewer), { kind: 'mute', seconds: 60 }) // that one is over
    await seller.expect(204, 'DELETE', kept(viewer))
    await moderator.expect(204, 'DELETE', kept(viewer))
  })
})

describe('naming', () => {
  test('by account: whoever there is, but not oneself; listed with the name, the last first', async () => {
    const { seller, moderator, viewer } = await aKeptShow()
    await seller.expect(204, 'PUT', `/chat-moderators/${viewer.id}`)
    await seller.expect(204, 'PUT', `/chat-moderators/${viewer.id}`)
    await seller.expect(404, 'PUT', '/chat-moderators/acc_nobody')
    await seller.expect(400, 'PUT', `/chat-moderators/${seller.id}`)
    const { items } = await seller.expect(200, 'GET', '/chat-moderators')
    assert.deepEqual(
      items.map((each: { displayName: string }) => each.displayName),
      ['민아', '지기'],
    )
    const [of] = (await moderator.expect(200, 'GET', '/chat-moderating')).items
    assert.deepEqual([of.sellerId, of.sellerName], [seller.id, '판매자'])
    await app.anonymous.expect(401, 'GET', '/chat-moderators')
  })

  test('by e-mail: the same answer for an address without an account, and nothing told of whose it is', async () => {
    const [seller, friend] = [await signedIn(app.url, '판매자'), await signedIn(app.url, '친구')]
    await confirm(friend)
    const answers = []
    for (const email of [friend.email.toUpperCase(), 'nobody@example.com'])
      answers.push(await seller.call('POST', '/chat-moderator-invites', { email }))
    const seen = answers.map(({ status, body }) => ({ status, body }))
    assert.deepEqual(seen[0], seen[1])
    assert.equal(seen[0]?.status, 204)
    const sent = await seller.expect(200, 'GET', '/chat-moderators')
    assert.deepEqual(sent.items, [])
    assert.deepEqual(
      sent.invites.map((each: { email: string }) => each.email).toSorted(),
      [friend.email, 'nobody@example.com'].toSorted(),
    )
    assert.ok(!JSON.stringify(sent).includes('친구') && !JSON.stringify(sent).includes(friend.id))
    await seller.expect(400, 'POST', '/chat-moderator-invites', { email: 'no address' })
  })

  test('who reads the address says yes once, or no; nobody else does, and no account that only claims the address', async () => {
    const [seller, friend, stranger] = [await signedIn(app.url), await signedIn(app.url), await signedIn(app.url)]
    await confirm(stranger)
    await seller.expect(204, 'POST', '/chat-moderator-invites', { email: friend.email })
    assert.deepEqual((await friend.expect(200, 'GET', '/chat-moderating')).invites, [], 'not confirmed')
    const [{ id }] = (await seller.expect(200, 'GET', '/chat-moderators')).invites
    await friend.expect(404, 'POST', `/chat-moderator-invites/${id}/acceptance`)
    await confirm(friend)
    assert.equal((await friend.expect(200, 'GET', '/chat-moderating')).invites[0].id, id)
    await stranger.expect(404, 'POST', `/chat-moderator-invites/${id}/acceptance`)
    await stranger.expect(404, 'DELETE', `/chat-moderator-invites/${id}`)
    await friend.expect(204, 'POST', `/chat-moderator-invites/${id}/acceptance`)
    await friend.expect(404, 'POST', `/chat-moderator-invites/${id}/acceptance`)
    const named = await seller.expect(200, 'GET', '/chat-moderators')
    assert.deepEqual([named.items[0].accountId, named.invites], [friend.id, []])
    for (const who of [seller, stranger]) {
      await seller.expect(204, 'POST', '/chat-moderator-invites', { email: stranger.email })
      const [invite] = (await seller.expect(200, 'GET', '/chat-moderators')).invites
      await who.expect(204, 'DELETE', `/chat-moderator-invites/${invite.id}`)
      await stranger.expect(404, 'POST', `/chat-moderator-invites/${invite.id}/acceptance`)
    }
  })

  test('an invite is good for two weeks, and forgotten then', async () => {
    const [seller, friend] = [await signedIn(app.url), await signedIn(app.url)]
    await confirm(friend)
    await seller.expect(204, 'POST', '/chat-moderator-invites', { email: friend.email })
    const [{ id }] = (await seller.expect(200, 'GET', '/chat-moderators')).invites
    const old = new Date(Date.now() - 14 * 86_400_000 - 1_000)
    await app.db('chat_moderator_invites').where({ id }).update({ invited_at: old })
    assert.deepEqual((await seller.expect(200, 'GET', '/chat-moderators')).invites, [])
    await friend.expect(404, 'POST', `/chat-moderator-invites/${id}/acceptance`)
    await forgetOld(app.db)
    assert.equal(await app.db('chat_moderator_invites').where({ id }).first(), undefined)
  })

  test('twenty people in all are named or asked, also by two windows at once', async () => {
    const seller = await signedIn(app.url)
    const rows = Array.from({ length: moderatorsMax - 1 }, (_, index) => ({
      seller_id: seller.id,
      account_id: `acc_${index}`,
      named_at: new Date(),
    }))
    await app.db('chat_moderators').insert(rows)
    const people = await Promise.all(Array.from({ length: 4 }, () => signedIn(app.url)))
    const answers = await Promise.all(people.map(({ id }) => seller.call('PUT', `/chat-moderators/${id}`)))
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [204, 409, 409, 409],
    )
    const refusal = await seller.expect(409, 'POST', '/chat-moderator-invites', { email: 'one.more@example.com' })
    assert.equal(refusal.code, 'too_many_moderators')
  })

  test('with an account its part on either side goes, and what it was asked', async () => {
    const { seller, moderator } = await aKeptShow()
    const third = await signedIn(app.url)
    await third.expect(204, 'PUT', `/chat-moderators/${seller.id}`)
    await third.expect(204, 'POST', '/chat-moderator-invites', { email: moderator.email })
    await moderator.expect(204, 'POST', '/accounts/me/deletion', { password: testPassword })
    assert.deepEqual((await seller.expect(200, 'GET', '/chat-moderators')).items, [])
    assert.deepEqual((await third.expect(200, 'GET', '/chat-moderators')).invites, [])
    await third.expect(204, 'POST', '/accounts/me/deletion', { password: testPassword })
    assert.deepEqual((await seller.expect(200, 'GET', '/chat-moderating')).items, [])
  })
})
