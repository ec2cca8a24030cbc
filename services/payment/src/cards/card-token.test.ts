import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cardShape, isExpired, summarize } from './card.ts'
import { CardTokens } from './card-token.ts'

const card = cardShape.parse({ number: '4242 4242 4242 4242', expiryMonth: 12, expiryYear: 2030, cvc: '123' })
const key = 'k'.repeat(32)

test('a token gives its card back to the account it was made for, and shows nothing of it', async () => {
  const tokens = new CardTokens({ keys: [key], lifetimeSeconds: 120 })
  const { token } = await tokens.seal(card, 'ann')
  assert.deepEqual((await tokens.open(token, 'ann')).card, card)
  assert.doesNotMatch(Buffer.from(token, 'base64url').toString('latin1') + token, /4242/)
  await assert.rejects(tokens.open(token, 'bo'), { code: 'card_token_invalid' })
})

test('a token is refused after its lifetime, when changed, and under another key', async () => {
  let now = 0
  const tokens = new CardTokens({ keys: [key], lifetimeSeconds: 120, now: () => now })
  const { token, expiresAt } = await tokens.seal(card, 'ann')
  assert.equal(expiresAt.getTime(), 120_000)
  now = 120_000
  await assert.rejects(tokens.open(token, 'ann'), /expired/)
  now = 0
  const last = token.at(-2) === 'A' ? 'B' : 'A'
  await assert.rejects(tokens.open(token.slice(0, -2) + last + token.at(-1), 'ann'), /not issued here/)
  await assert.rejects(
    new CardTokens({ keys: ['x'.repeat(32)], lifetimeSeconds: 1 }).open(token, 'ann'),
    /not issued here/,
  )
  const [header = '', ...rest] = token.split('.')
  const named = (fields: object) => [Buffer.from(JSON.stringify(fields)).toString('base64url'), ...rest].join('.')
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
  const other = [
    'nonsense',
    token.slice(0, -16), // a shorter tag
    `${token}.x`,
    named({ alg: 'none', enc: 'A256GCM', kid }),
    named({ alg: 'dir', enc: 'A128GCM', kid }),
    named({ alg: 'dir', enc: 'A256GCM', kid, zip: 'DEF' }),
    named({ alg: 'dir', enc: 'A256GCM', kid: 'unknown' }),
  ]
  for (const each of other) await assert.rejects(tokens.open(each, 'ann'), /not issued here/, each)
})

test('while the key is changed, tokens of both are opened by every Pod; and the old one’s no more after', async () => {
  const [old, next] = [key, 'n'.repeat(32)]
  const lifetimeSeconds = 120
  const steps: [string, ...string[]][] = [[old], [old, next], [next, old], [next]]
  const pods = steps.map((keys) => new CardTokens({ keys, lifetimeSeconds }))
  for (const [index, sealing] of pods.entries()) {
    // a roll-out has Pods of two neighbouring steps at once
    const { token } = await sealing.seal(card, 'ann')
    for (const opening of pods.slice(Math.max(0, index - 1), index + 2)) {
      assert.deepEqual((await opening.open(token, 'ann')).card, card)
    }
  }
  const [first, , , last] = pods
  assert.ok(first && last)
  await assert.rejects(last.open((await first.seal(card, 'ann')).token, 'ann'), /not issued here/)
})

test('a card is checked digit by digit and summarised by brand and last four', () => {
  assert.equal(cardShape.safeParse({ ...card, number: '4242424242424241' }).success, false)
  assert.equal(cardShape.safeParse({ ...card, cvc: '12' }).success, false)
  assert.deepEqual(summarize(card), { brand: 'visa', last4: '4242' })
  assert.equal(isExpired(card, new Date('2030-12-31T23:59:59Z')), false)
  assert.equal(isExpired(card, new Date('2031-01-01T00:00:00Z')), true)
})
