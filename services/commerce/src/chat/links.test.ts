import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasLink } from './links.ts'

const rows: readonly [text: string, found: boolean][] = [
  ['https://example.com/a', true],
  ['HTTP://x', true],
  ['여기로 www.example.com', true],
  ['bit.ly/3abc 들어오세요', true],
  ['open.kakao.com/o/abc', true],
  ['네이버.com', true],
  ['ｎａｖｅｒ．ｃｏｍ', true],
  ['t.me/shop', true],
  ['naver\u200D.com', true],
  ['5.5kg 있나요?', false],
  ['좋아요.네', false],
  ['12.900원', false],
  ['진짜 좋다...me too', false],
  ['com', false],
  ['naver.community', false],
]

for (const [text, found] of rows) test(`${JSON.stringify(text)}: ${found}`, () => assert.equal(hasLink(text), found))
