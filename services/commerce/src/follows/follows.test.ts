import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { liveApi, type Broadcast as BroadcastObject } from '@mytaek1/contracts/broadcast-resource.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { followObject, type FollowDeps } from '../broadcasts/follow-objects.ts'
import { mailOutbox, noMails } from '../mail/enqueue-mail.ts'
import { sendRow } from '../mail/send-row.ts'
import { createStopTokens } from '../mail/stop-tokens.ts'
import type { Letter } from '../mail/smtp.ts'
import { createLinkTokens } from '../mail/link-tokens.ts'
import { aBroadcast, signedIn, type TestAccount } from '../testing/factories.ts'
import { startTestApp } from '../testing/test-app.ts'
import { tellFollowers } from './show-starts.ts'

const app = await startTestApp()
const { db } = app
const secret = app.config.SERVICE_TOKEN
const log = createLogger({ service: 'test' }, { write: () => undefined })

const followers = async (seller: TestAccount) => {
  const row = await db('seller_followers').where('seller_id', seller.id).first('followers')
  return row?.followers ?? 0
}

/** What the operator says of a broadcast's object. */
async function objectSays(id: string, version: string, live: boolean): Promise<void> {
  const conditions = ['Publishing', 'Playable'].map((type) => ({ type, status: live ? 'True' : 'False' }))
  const object = {
    apiVersion: liveApi.apiVersion,
    kind: 'Broadcast',
    metadata: { name: id, resourceVersion: version },
    spec: { state: 'Open', streamKey: { sha256: 'a'.repeat(64) } },
    status: { conditions },
  }
  const deps = { db, log, clock: () => new Date(), stateChanged: () => undefined, wakeSync: () => undefined }
  await followObject(deps as unknown as FollowDeps, object as unknown as BroadcastObject)
}

const mailsOf = async (id: string): Promise<string[]> => {
  const rows: { account_id: string }[] = await db('mail_outbox')
    .where({ kind: 'show_starts', cause: id })
    .orderBy('account_id')
    .select('account_id')
  return rows.map((row) => row.account_id)
}

const mailsLeave = () => db('mail_outbox').whereNotNull('due_at').update({ due_at: null })

async function tellAll(mails = mailOutbox): Promise<void> {
  do await mailsLeave()
  while (await tellFollowers({ db, mails }))
}

describe('following', () => {
  test('sellers are followed, counted and listed, the last first, and left again', async () => {
    const [ann, bo] = [await signedIn(app.url, '앤'), await signedIn(app.url, '보')]
    const [one, two] = [await signedIn(app.url, '하나'), await signedIn(app.url, '둘')]
    await ann.expect(404, 'GET', `/follows/${one.id}`)
    const followed = await ann.expect(200, 'PUT', `/follows/${one.id}`, { notify: true })
    assert.deepEqual([followed.sellerId, followed.sellerName, followed.notify], [one.id, '하나', true])
    await ann.expect(200, 'PUT', `/follows/${one.id}`, { notify: false }) // once more: it counts once
    await ann.expect(200, 'PUT', `/follows/${two.id}`, { notify: true })
    await bo.expect(200, 'PUT', `/follows/${one.id}`, { notify: true })
    assert.equal((await app.anonymous.expect(200, 'GET', `/accounts/${one.id}/followers`)).followers, 2)
    const first = await ann.expect(200, 'GET', '/follows?limit=1')
    const second = await ann.expect(200, 'GET', `/follows?limit=1&cursor=${first.nextCursor}`)
    assert.deepEqual(
      [...first.items, ...second.items].map((each) => [each.sellerName, each.notify]),
      [
        ['둘', true],
        ['하나', false],
      ],
    )
    await ann.expect(204, 'DELETE', `/follows/${one.id}`)
    await ann.expect(204, 'DELETE', `/follows/${one.id}`)
    assert.equal(await followers(one), 1)
    await ann.expect(404, 'PUT', '/follows/acc_nobody', { notify: true })
    await app.anonymous.expect(401, 'GET', '/follows')
  })

  test('a hundred who follow at once are a hundred', async () => {
    const seller = await signedIn(app.url)
    const fans = await Promise.all(Array.from({ length: 20 }, () => signedIn(app.url)))
    await Promise.all(
      fans.flatMap((fan) => [1, 2].map(() => fan.expect(200, 'PUT', `/follows/${seller.id}`, { notify: true }))),
    )
    assert.equal(await followers(seller), 20)
  })

  test('who deletes the account follows nobody, and is not counted any more', async () => {
    const [fan, seller] = [await signedIn(app.url), await signedIn(app.url)]
    await fan.expect(200, 'PUT', `/follows/${seller.id}`, { notify: true })
    await fan.expect(204, 'POST', '/accounts/me/deletion', { password: 'correct horse battery' })
    assert.equal(await followers(seller), 0)
  })

  test('an account follows two thousand sellers, and no more', async () => {
    const [fan, seller] = [await signedIn(app.url), await signedIn(app.url)]
    const rows = Array.from({ length: 2_000 }, (_, index) => ({
      follower_id: fan.id,
      seller_id: `acc_s${index}`,
      notify: false,
      followed_at: new Date(),
    }))
    await db('follows').insert(rows)
    assert.equal((await fan.expect(409, 'PUT', `/follows/${seller.id}`, { notify: true })).code, 'too_many_followed')
    assert.equal(await followers(seller), 0)
  })
})

describe('a show that begins', () => {
  async function aShow(fans: number) {
    const seller = await signedIn(app.url, '제주농장')
    const { id } = await aBroadcast(seller, [], '오늘 딴 감귤')
    const followers = await Promise.all(Array.from({ length: fans }, () => signedIn(app.url)))
    for (const fan of followers) await fan.expect(200, 'PUT', `/follows/${seller.id}`, { notify: true })
    return { seller, id, fans: followers.map((fan) => fan.id).toSorted(), accounts: followers }
  }

  test('followers who asked are told once, however often it is interrupted, and others are not', async () => {
    const { seller, id, fans } = await aShow(3)
    const silent = await signedIn(app.url)
    await silent.expect(200, 'PUT', `/follows/${seller.id}`, { notify: false })
    await objectSays(id, '1', false)
    await tellAll()
    assert.deepEqual(await mailsOf(id), [])
    await objectSays(id, '2', true)
    await tellAll()
    await objectSays(id, '3', false)
    await objectSays(id, '4', true)
    await tellAll()
    assert.deepEqual(await mailsOf(id), fans)
  })

  test('many followers are told page by page: whoever takes over goes on where the last one was', async () => {
    const { seller, id } = await aShow(0)
    const rows = Array.from({ length: 1_200 }, (_, index) => ({
      follower_id: `acc_f${String(index).padStart(4, '0')}`,
      seller_id: seller.id,
      notify: true,
      followed_at: new Date(),
    }))
    await db('follows').insert(rows)
    await objectSays(id, '1', true)
    const failing = { ...mailOutbox, enqueue: () => Promise.reject(new Error('died')) }
    assert.equal(await tellFollowers({ db, mails: mailOutbox }), true)
    assert.equal(await tellFollowers({ db, mails: mailOutbox }), false, 'a reset would wait behind all of them')
    await mailsLeave()
    await assert.rejects(tellFollowers({ db, mails: failing }))
    assert.equal((await mailsOf(id)).length, 500)
    await tellAll()
    assert.deepEqual(
      await mailsOf(id),
      rows.map((row) => row.follower_id),
    )
  })

  test('nobody is told of a show that is over by then, that began long ago, that is not listed, or without a mail server', async () => {
    const [over, old, mute, rehearsal] = [await aShow(1), await aShow(1), await aShow(1), await aShow(1)]
    await db('broadcasts').where('id', rehearsal.id).update({ listed: false })
    await objectSays(rehearsal.id, '1', true)
    await objectSays(over.id, '1', true)
    await over.seller.expect(200, 'POST', `/broadcasts/${over.id}/end`)
    await objectSays(old.id, '1', true)
    await db('show_starts')
      .where('broadcast_id', old.id)
      .update({ started_at: new Date(Date.now() - 31 * 60_000) })
    await tellAll()
    await objectSays(mute.id, '1', true)
    await tellAll(noMails)
    await tellAll()
    for (const { id } of [over, old, mute, rehearsal]) assert.deepEqual(await mailsOf(id), [])
  })

  test('the mail’s link stops these mails without a session, also those that are already on their way', async () => {
    const { seller, id, accounts } = await aShow(2)
    await db('accounts')
      .whereIn(
        'id',
        accounts.map((fan) => fan.id),
      )
      .update({ email_verified_at: new Date() })
    await objectSays(id, '1', true)
    await tellAll()
    const sent: Letter[] = []
    const deps = {
      db,
      send: (letter: Letter) => Promise.resolve(void sent.push(letter)),
      tokens: createLinkTokens([secret]),
      stopTokens: createStopTokens([secret]),
      publicUrl: 'https://shop.example',
      apiUrl: 'https://shop.example/api',
      orderOf: () => Promise.resolve(undefined),
    }
    const rows = await db('mail_outbox').where({ kind: 'show_starts', cause: id }).orderBy('account_id')
    const row = (index: number) => ({ ...rows[index], is_expired: 0, attempts: 1 })
    await sendRow(deps, row(0))
    assert.match(sent[0]?.content.text ?? '', new RegExp(`https://shop.example/watch/${id}`))
    const token = /\/account\/mail-stop#(\S+)/.exec(sent[0]?.content.text ?? '')?.[1] ?? ''
    await app.anonymous.expect(204, 'POST', '/mail-stops', { token })
    assert.deepEqual(await sendRow(deps, row(0)), { dropped: 'expired' })
    const wanted = await sendRow(deps, row(1))
    assert.ok('sent' in wanted, 'the other one still wants it')
    const many = Array.from({ length: 30 }, (_, index) => ({
      id: `mail_${index}${id}`.slice(0, 32),
      kind: 'show_starts',
      cause: `other-${index}`,
      data: '{}',
      account_id: rows[1].account_id,
      created_at: new Date(),
      sent_at: db.raw('UTC_TIMESTAMP(3)'),
      recipient: wanted.sent,
    }))
    await db('mail_outbox').insert(many)
    assert.deepEqual(await sendRow(deps, row(1)), { held: true })
    const changed = await sendRow(deps, { ...row(1), kind: 'password_changed', data: '{}' })
    assert.ok('sent' in changed, 'shows hold back no mail of money or of the account')
    await db('mail_outbox').where('recipient', wanted.sent).delete()
    await seller.expect(200, 'POST', `/broadcasts/${id}/end`)
    assert.deepEqual(await sendRow(deps, row(1)), { dropped: 'expired' }, 'nobody is called to a show that is over')
    const left = await db('follows').where('follower_id', rows[0].account_id).first('notify')
    assert.equal(left.notify, 0)
    const refusal = await app.anonymous.expect(410, 'POST', '/mail-stops', { token: `${token}x` })
    assert.equal(refusal.code, 'link_ended')
  })
})
