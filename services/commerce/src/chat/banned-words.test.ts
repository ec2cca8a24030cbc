import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileWords, hasBannedWord } from './banned-words.ts'

const rows: readonly [word: string, text: string, found: boolean, why: string][] = [
  ['시발', '아 시발 뭐야', true, 'as it is'],
  ['시발', '시발점에서 만나요', true, 'a part of a word: the seller chose it'],
  ['시발', '시 발', true, 'a blank between'],
  ['시발', '시.발', true, 'a sign between'],
  ['시발', '시♡발!', true, 'a drawing between'],
  ['시발', '시1발', true, 'a digit between'],
  ['시발', '시\u200B발', true, 'a zero-width space between'],
  ['시발', '시\u3164발', true, 'a Hangul filler between'],
  ['시발', '시\uFEFF \u200D발', true, 'several that show nothing'],
  ['시발', 'ㅅㅣㅂㅏㄹ', true, 'taken apart'],
  ['시발', '시바ㄹ', true, 'its last consonant apart'],
  ['시발', 'ㅅㅣ 발 진짜', true, 'apart, and a blank'],
  ['시발', '시발'.normalize('NFD'), true, 'as a Mac writes it'],
  ['시발', '다시 발송해 주세요', false, 'over a blank, inside of words'],
  ['시발', '몇 시 발송인가요', false, 'over a blank, the second is longer'],
  ['시발', '다시, 발송', false, 'over a sign, inside of words'],
  ['시발', '시바르게 써요', false, 'its last consonant begins another syllable'],
  ['ㅅㅂ', 'ㅅㅂ ㅋㅋ', true, 'first letters'],
  ['ㅅㅂ', 'ㅅ ㅂ', true, 'first letters with a blank'],
  ['ㅅㅂ', '옷봐 ㅋㅋ', false, 'an ending and a beginning of whole syllables'],
  ['ㅂㅅ', 'ㅄ', true, 'one letter for two'],
  ['병신', '병신같네', true, 'in a word'],
  ['병신', '병 신', true, 'with a blank'],
  ['병신', '병원 신청', false, 'words between'],
  ['badword', 'ＢＡＤＷＯＲＤ', true, 'wide letters'],
  ['badword', 'BadWörd', true, 'marks'],
  ['badword', 'b a d w o r d', true, 'spelt out'],
  ['badword', 'bad words', false, 'the second is longer'],
  ['18', '18', true, 'a word of digits'],
  ['18', '1 8', true, 'digits with a blank'],
  ['18', '5개 1800원', true, 'digits in a number: the seller chose it'],
  ['사기', '사이즈 알려주세요', false, 'another word'],
  ['', '무엇이든', false, 'no word'],
  ['...', '그래서...', false, 'a word of signs is none'],
]

for (const [word, text, found, why] of rows) {
  test(`${JSON.stringify(word)} is ${found ? '' : 'not '}in ${JSON.stringify(text)}: ${why}`, () => {
    assert.equal(hasBannedWord(compileWords([word]), text), found)
  })
}

test('200 words over the longest message take less than a frame', () => {
  const words = compileWords(Array.from({ length: 200 }, (_, index) => `금칙어${index}번`))
  const text = '금칙어 '.repeat(50)
  hasBannedWord(words, text)
  const rounds = Array.from({ length: 20 }, () => {
    const from = performance.now()
    hasBannedWord(words, text)
    return performance.now() - from
  })
  // the shortest: what stood still in between is no work of ours
  assert.ok(Math.min(...rounds) < 16, rounds.join())
})
