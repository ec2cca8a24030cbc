import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileWords } from './banned-words.ts'
import { judgeMessage, type Standing } from './judge-message.ts'

const now = new Date('2026-06-01T12:00:00Z')
const later = new Date(now.getTime() + 90_500)
const anybody: Standing = {
  role: 'viewer',
  frozen: false,
  restriction: undefined,
  bannedWords: compileWords(['욕설']),
  links: 'staff',
}

const rows: readonly [what: string, standing: Partial<Standing>, text: string, outcome: string][] = [
  ['a viewer', {}, '안녕하세요', 'said'],
  ['a banned word', {}, '욕 설', 'chat_word'],
  ['a link of a viewer', {}, 'bit.ly/x', 'chat_link'],
  ['a link where everybody may', { links: 'everybody' }, 'bit.ly/x', 'said'],
  ['a frozen chat', { frozen: true }, '안녕하세요', 'chat_frozen'],
  ['a mute', { restriction: { kind: 'mute', until: later } }, '안녕하세요', 'chat_muted'],
  ['a ban for good', { restriction: { kind: 'ban', until: null } }, '안녕하세요', 'chat_banned'],
  ['a ban, whatever the text', { restriction: { kind: 'ban', until: null } }, '욕설', 'chat_banned'],
  ['a mute that has just ended', { restriction: { kind: 'mute', until: now } }, '안녕하세요', 'said'],
  ['a shadow', { restriction: { kind: 'shadow', until: null } }, '안녕하세요', 'hidden'],
  ['a shadow, with a word that nobody may say', { restriction: { kind: 'shadow', until: null } }, '욕설', 'chat_word'],
  ['a shadow in a frozen chat', { restriction: { kind: 'shadow', until: null }, frozen: true }, '네', 'chat_frozen'],
  ['the host, whatever is set', { role: 'host', frozen: true }, '욕설 bit.ly/x', 'said'],
  ['staff, whatever is set', { role: 'staff', frozen: true }, 'https://example.com', 'said'],
]

for (const [what, standing, text, outcome] of rows) {
  test(`${what}: ${outcome}`, () => {
    const judged = judgeMessage({ ...anybody, ...standing }, text, now)
    assert.equal(typeof judged === 'string' ? judged : judged.refused.code, outcome)
  })
}

test('who is muted for a time is told how long', () => {
  const judged = judgeMessage({ ...anybody, restriction: { kind: 'mute', until: later } }, '네', now)
  assert.equal(typeof judged === 'string' ? judged : judged.refused.retryAfterSeconds, 91)
})
