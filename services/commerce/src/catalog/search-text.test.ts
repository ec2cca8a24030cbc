import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gramsOf, queryWordsOf, searchTextOf, wantedOf } from './search-text.ts'

/** Whether a name is found: what the database does, without it. */
function isFound(name: string, query: string): boolean {
  const text = searchTextOf(name)
  const grams = [...gramsOf(text)]
  const { patterns, lookups } = wantedOf(queryWordsOf(query))
  const isMatched = lookups.length > 0 && patterns.every((pattern) => new RegExp(pattern, 'u').test(text))
  const hasGrams = lookups.every((ranges) =>
    ranges.some(({ from, to }) => grams.some((gram) => compare(from, gram) <= 0 && compare(gram, to) <= 0)),
  )
  if (isMatched) assert.ok(hasGrams, `what is matched is looked up: ${query} in ${name}`)
  return isMatched && hasGrams
}

// by code points, as the database's binary collation
const compare = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other))

for (const [query, name, expected] of [
  ['원피스', '여름원피스 빨강', true],
  ['여름 원피스', '여름원피스 빨강', true],
  ['여름원피스', '여름 원피스 빨강', true],
  ['빨강 원피스', '여름원피스 빨강', true],
  ['원 피 스', '여름원피스 빨강', true],
  ['원피스'.normalize('NFD'), '여름원피스 빨강', true],
  ['원피스', '여름원피스 빨강'.normalize('NFD'), true],
  ['원피', '여름원피스', true],
  ['원피ㅅ', '여름원피스', true],
  ['원핏', '여름원피스', true], // an input method between 피 and 스
  ['여르', '여름원피스', true],
  ['여', '여름원피스', true],
  ['갑', '가방', true],
  ['값', '갑사 한복', true], // ㅂ stays, ㅅ moves on
  ['스', '여름원피스', true],
  ['ㅇㅍㅅ', '여름원피스 빨강', true],
  ['ㅇㄹㅇㅍㅅㅃㄱ', '여름원피스 빨강', true],
  ['ㅍㅇㅅ', '여름원피스 빨강', false],
  ['피원', '여름원피스', false],
  ['원스피', '여름원피스', false],
  ['원피스 파랑', '여름원피스 빨강', false],
  ['RED dress', 'Summer Dress, red', true],
  ['ｒｅｄ', 'RED dress', true],
  ['i’m', 'I’M HERE', true],
  ['1kg', '유자차 1KG', true],
  ['유자차1kg', '유자차 (1 kg)', true],
  ['ㅋㅋ', '웃긴 티셔츠 ㅋㅋ', true],
  ['café', 'CAFÉ mug'.normalize('NFD'), true],
  ['!!! ---', '유자차', false],
  ['%', '100% 면', false],
  ['_', 'a_b', false],
  ['[가-힣]', '유자차', false],
  ['.*', '유자차', false],
] as const) {
  test(`${JSON.stringify(query)} ${expected ? 'finds' : 'does not find'} ${JSON.stringify(name)}`, () => {
    assert.equal(isFound(name, query), expected)
  })
}

test('what is compared is bounded, whatever is asked', () => {
  const { patterns, lookups } = wantedOf(queryWordsOf('가나다라마바사아자차카타파하 '.repeat(50)))
  assert.ok(patterns.length <= 6 && lookups.length <= 12)
  assert.ok(searchTextOf('ﷺ'.repeat(100)).length <= 420)
  assert.ok(searchTextOf('가'.repeat(100)).length <= 420)
})
