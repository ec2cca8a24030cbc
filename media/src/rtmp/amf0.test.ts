import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAmf0, readAmf0Name } from './amf0.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

test('every type an encoder sends is read', () => {
  const values = readAmf0(
    hex(
      '00 3ff8000000000000 01 01 02 0001 61 05 06 0a 00000002 05 0101 0b 408f400000000000 0000 0c 00000001 62' +
        ' 08 00000001 0001 78 00 4000000000000000 0000 09 10 0001 43 0001 79 05 0000 09 07 0001',
    ),
    4,
  )
  assert.equal(JSON.stringify(values), '[1.5,true,"a",null,null,[null,true],1000,"b",{"x":2},{"y":null},null]')
})

test('what follows in AMF3 is left out', () => {
  assert.deepEqual(readAmf0(hex('02 0004 6e616d65 00 3ff0000000000000 11 0a0b01'), 8), ['name', 1])
})

test('a property named __proto__ is only a name', () => {
  const [object] = readAmf0(hex('03 0009 5f5f70726f746f5f5f 03 0001 61 0101 0000 09 0000 09'), 4)
  assert.equal(Object.getPrototypeOf(object), null)
  assert.deepEqual(Object.keys(object as object), ['__proto__'])
  assert.equal(({} as Record<string, unknown>)['a'], undefined)
})

test('nesting, lengths and types are bounded', () => {
  for (const [bytes, code] of [
    ['03 0001 61'.repeat(100), 'amf_too_deep'],
    ['0a 00000001'.repeat(100), 'amf_too_deep'],
    ['02 ffff 61', 'amf_truncated'],
    ['0c ffffffff 61', 'amf_truncated'],
    ['0a ffffffff 05', 'amf_truncated'],
    ['00 3ff0', 'amf_truncated'],
    ['03 0001 61', 'amf_truncated'],
    ['08 00', 'amf_truncated'],
    ['12', 'amf_unknown_type'],
    ['0a 00000001 11', 'amf_unknown_type'],
  ] as const) {
    assert.throws(() => readAmf0(hex(bytes), 8), { code }, bytes)
  }
})

test('a name is read with its end; anything else is no name', () => {
  assert.deepEqual(readAmf0Name(hex('02 0002 6869 05')), { name: 'hi', end: 5 })
  assert.equal(readAmf0Name(hex('05')), null)
  assert.equal(readAmf0Name(Buffer.alloc(0)), null)
})
