/** Lines as sellers paste them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readShipmentLines } from './shipment-lines.ts'

const shipped = (line: number, orderId: string, carrier = 'CJ대한통운', trackingNumber = '123456789012') => ({
  line,
  orderId,
  shipment: { carrier, trackingNumber },
})

test('lines are separated by commas or tabs, with quotes or without, and empty ones are nothing', () => {
  const text = 'o_1, CJ대한통운, 123456789012\r\n\no_2\tCJ대한통운\t123456789012\n"o_3","CJ대한통운","123456789012"\n'
  assert.deepEqual(readShipmentLines(text), [shipped(1, 'o_1'), shipped(3, 'o_2'), shipped(4, 'o_3')])
})

test('a line that says nothing says where it is, and the others count', () => {
  const text = [
    'order,carrier,tracking number',
    'o_1,CJ',
    'o_2,CJ,12',
    'O_3,CJ,123456',
    'o_4,CJ,123456,more',
    'o_5,\u202ECJ,123456',
    'o_6,CJ,123456',
    'o_6,CJ,654321',
    '=cmd(),CJ,123456',
  ].join('\n')
  assert.deepEqual(readShipmentLines(text), [
    { line: 1, orderId: 'order', error: 'malformed' },
    { line: 2, orderId: 'o_1', error: 'malformed' },
    { line: 3, orderId: 'o_2', error: 'malformed' },
    { line: 4, orderId: null, error: 'malformed' },
    { line: 5, orderId: 'o_4', error: 'malformed' },
    { line: 6, orderId: 'o_5', error: 'malformed' },
    shipped(7, 'o_6', 'CJ', '123456'),
    { line: 8, orderId: 'o_6', error: 'repeated' },
    { line: 9, orderId: null, error: 'malformed' },
  ])
})
