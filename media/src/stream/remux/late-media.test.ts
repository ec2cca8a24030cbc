import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LateMedia } from './late-media.ts'

const second = 90_000
const step = 3000

test('what was late goes behind what was held, and so does all that follows', () => {
  const late = new LateMedia()
  late.moved(2 * second, { from: 5 * second, nowTicks: 7 * second, stepTicks: step })
  assert.equal(late.place(5 * second), 7 * second)
  assert.equal(late.isPassed(5 * second), false)
  assert.equal(late.place(60 * second), 62 * second)
})

test('stalls in a row put the stream back by eight seconds; what is late beyond that is passed over, in its order', () => {
  const late = new LateMedia()
  late.moved(7 * second, { from: second, nowTicks: 8 * second, stepTicks: step })
  late.moved(5 * second, { from: 2 * second, nowTicks: 14 * second, stepTicks: step })
  const excess = 4 * second - 0.6 * second // ... of which a tenth of six seconds was regained
  assert.equal(late.isPassed(2 * second + excess - 1), true)
  assert.equal(late.isPassed(2 * second + excess), false)
  assert.equal(late.place(2 * second), 14 * second, 'where the held ones end')
  const places = Array.from({ length: 200 }, (_, picture) => late.place(2 * second + picture * step))
  assert.ok(places.every((place, index) => index === 0 || place >= (places[index - 1] ?? 0) + 90))
  const passed = late.place(2 * second + excess) - late.place(2 * second)
  assert.ok(passed < 0.04 * excess, `${passed / 90} ms for ${excess / second} s`)
  assert.ok(late.shiftTicks < 8.8 * second, 'eight seconds, what was regained, and what was passed over')
})

test('one stall of half a minute is no half minute of delay', () => {
  const late = new LateMedia()
  late.moved(30 * second, { from: 0, nowTicks: 30 * second, stepTicks: step })
  assert.ok(late.shiftTicks < 9 * second, `${late.shiftTicks / second}`)
})

test('a second stall each minute never passes anything over: viewers have regained it by then', () => {
  const late = new LateMedia()
  for (let minute = 1; minute < 100; minute += 1)
    late.moved(second, { from: minute * 60 * second, nowTicks: minute * 61 * second, stepTicks: step })
  assert.equal(late.isPassed(0), false)
  assert.equal(late.shiftTicks, 99 * second)
})
