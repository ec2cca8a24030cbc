/** A file's characters are known, or it is refused: none is shown as another. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import iconv from 'iconv-lite'
import { decodeText } from './text-encoding.ts'

const korean = '상품명,가격\n똠방각하 쌀,12900\n뷁 펲시 꽃,1\n'

test('Korean is read as Excel and others write it: UTF-8 with and without its mark, UTF-16, CP949', () => {
  const files: [Buffer, string][] = [
    [Buffer.from(korean), 'utf-8'],
    [Buffer.from(`\uFEFF${korean}`), 'utf-8'],
    [Buffer.from(`\uFEFF${korean}`, 'utf16le'), 'utf-16le'],
    [iconv.encode(korean, 'cp949'), 'euc-kr'],
  ]
  for (const [bytes, encoding] of files) assert.deepEqual(decodeText(bytes), { text: korean, encoding })
})

test('all 11,172 syllables come back from CP949, those beyond KS X 1001, too', () => {
  const all = Array.from({ length: 11_172 }, (_, n) => String.fromCodePoint(0xac00 + n)).join('')
  assert.deepEqual(decodeText(iconv.encode(all, 'cp949')), { text: all, encoding: 'euc-kr' })
})

test('what is valid in no encoding is refused', () => {
  const cases = [
    Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00]), // a JPEG
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), iconv.encode(korean, 'cp949')]),
    Buffer.from([0x41, 0x81, 0x20]),
    Buffer.from('a\0b'),
    Buffer.from([0xff, 0xfe, 0x41]), // half a character
  ]
  for (const bytes of cases) assert.deepEqual(decodeText(bytes), { fault: 'encoding' })
  assert.deepEqual(decodeText(Buffer.from('a'), 'shift_jis'), { fault: 'encoding' })
  assert.deepEqual(decodeText(iconv.encode(korean, 'cp949'), 'utf-8'), { fault: 'encoding' })
})

test('a word that is valid in two encodings is refused, unless its sender says which', () => {
  const bytes = Buffer.from('name\ncafé\n')
  assert.deepEqual(decodeText(bytes), { fault: 'encoding_unclear' })
  assert.deepEqual(decodeText(bytes, 'UTF-8'), { text: 'name\ncafé\n', encoding: 'utf-8' })
  assert.deepEqual(decodeText(bytes, 'cp949'), { text: 'name\ncaf챕\n', encoding: 'euc-kr' })
  assert.deepEqual(decodeText(Buffer.from('name\ncafé 커피\n')), { text: 'name\ncafé 커피\n', encoding: 'utf-8' })
})
