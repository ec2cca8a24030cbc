import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chartOf } from './report-chart.ts'

const minute = (at: string, viewers: number | null, orders: number) => ({
  at: `2026-01-01T12:${at}:00.000Z`,
  viewers,
  orders,
})

test('minutes lie by their time, and each of the two fills the height by its own most', () => {
  const { line, bars } = chartOf([minute('00', 50, 0), minute('01', 100, 4), minute('03', null, 2)])
  assert.equal(line, '12.5,52.5 37.5,5')
  assert.deepEqual(bars, [
    { x: 25, width: 20, height: 95 },
    { x: 75, width: 20, height: 47.5 },
  ])
})

test('nothing, and a single minute, are drawn without a division by nothing', () => {
  assert.deepEqual(chartOf([]), { line: '', bars: [] })
  assert.deepEqual(chartOf([minute('00', 0, 0)]), { line: '25,100', bars: [] })
})
