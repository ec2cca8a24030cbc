import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineOfText, linesOfText } from './text.ts'

const line = lineOfText(1, 100)

const taken: [what: string, text: string][] = [
  ['Korean', '미나의 가게'],
  ['emoji of a family, joined', '👨‍👩‍👧‍👦 shop'],
  ['a heart with its selector', '❤️'],
  ['a flag of tags', '🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}'],
  ['a flag of a country', '🇰🇷'],
  ['a skin tone', '👍🏽'],
  ['Persian with a non-joiner', 'می‌خواهم'],
  ['Hindi with a joiner', 'क्‍ष'],
  ['Thai with two marks', 'ที่นี่'],
  ['Vietnamese', 'Nguyễn Thị Hồng'],
  ['an ideograph with a variation', '葛\u{E0100}城'],
  ['Arabic', 'متجر'],
  ['Hebrew with points', 'שָׁלוֹם'],
  ['punctuation alone', '!?'],
  ['a number', '7'],
  ['Mongolian with a selector', 'ᠠ᠋'],
  ['a won sign', '₩12,900'],
  ['Jamo that compose', '각'],
  ['compatibility Jamo', 'ㅋㅋㅋ'],
  ['a no-break space inside', 'a b'],
]

const refused: [what: string, text: string][] = [
  ['nothing', ''],
  ['spaces', ' \t '],
  ['an ideographic space', '　'],
  ['zero width space', '\u200B'],
  ['zero width joiners alone', '\u200D\u200D'],
  ['a non-joiner alone', '\u200C'],
  ['word joiner in a name', 'Mi\u2060na'],
  ['zero width space in a name', 'Mi\u200Bna'],
  ['byte order mark inside', 'a\uFEFFb'],
  ['soft hyphen', 'ad\u00ADmin'],
  ['Hangul filler', '\u3164'],
  ['Hangul filler in a name', 'admin\u3164'],
  ['half-width Hangul filler', '\uFFA0'],
  ['Hangul choseong filler', '\u115F\u1160'],
  ['Khmer inherent vowels', 'a\u17B4'],
  ['combining grapheme joiner', 'a\u034F'],
  ['Mongolian vowel separator', 'a\u180E'],
  ['braille blank', '\u2800'],
  ['braille blanks', '\u2800 \u2800'],
  ['tag characters', 'a\u{E0061}\u{E0062}'],
  ['tag characters alone', '\u{E0061}'],
  ['variation selectors alone', '\uFE0F\uFE0F'],
  ['a high surrogate alone', 'a\uD83D'],
  ['a low surrogate alone', '\uDE00b'],
  ['only combining marks', '\u0301\u0301'],
  ['an enclosing mark alone', '\u20DD'],
  ['a tower of marks', `a${'\u0301\u0315'.repeat(6)}`],
  ['line separator', 'a\u2028b'],
  ['paragraph separator', 'a\u2029b'],
  ['line feed', 'a\nb'],
  ['tab', 'a\tb'],
  ['NUL', 'a\u0000b'],
  ['escape', '\u001B[31mred'],
  ['C1 control', 'a\u0085b'],
  ['right-to-left override', 'gpj.\u202Eexe'],
  ['left-to-right embedding', '\u202Aa'],
  ['isolate', '\u2067a\u2069'],
  ['right-to-left mark', 'a\u200F'],
  ['Arabic letter mark', 'a\u061C'],
  ['private use', '\uE000'],
  ['private use of the last plane', 'a\u{10FFFD}'],
  ['a noncharacter', 'a\uFFFE'],
  ['interlinear annotation', 'a\uFFF9b'],
  ['musical control', 'a\u{1D173}b'],
  ['shorthand control', 'a\u{1BCA0}b'],
]

for (const [what, text] of taken) {
  test(`taken as it is: ${what}`, () => assert.equal(line.parse(text), text.normalize('NFC')))
}

for (const [what, text] of refused) {
  test(`refused: ${what}`, () => assert.equal(line.safeParse(text).success, false))
}

test('outer space goes, and decomposed Hangul is composed', () => {
  assert.equal(line.parse(` ${'미나'.normalize('NFD')} `), '미나')
})

test('lines may be many, whatever ends them, and may be none', () => {
  const lines = linesOfText(0, 100)
  assert.equal(lines.parse('one\r\ntwo\rthree\n\tfour'), 'one\ntwo\nthree\n\tfour')
  assert.equal(lines.parse(''), '')
  for (const text of ['a\u0000', 'a\u202Eb', 'a\u200B', '\u2800', 'a\uD800']) {
    assert.equal(lines.safeParse(text).success, false, JSON.stringify(text))
  }
})
