import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holidaysOf } from './korean-holidays.ts'
import { refundClock } from './refund-clock.ts'

const dueOn = (owedFrom: string) => {
  const { dueAt } = refundClock({ owedFrom: new Date(owedFrom), endedAt: null, amount: 0 }, new Date(owedFrom))
  return new Date(dueAt.getTime() + 9 * 3_600_000).toISOString()
}

test('the holidays of 2025 to 2027 are those of the calendar, with the days that stand in', () => {
  const of = (year: number) =>
    [...holidaysOf(year)]
      .map((date) => date.slice(5))
      .toSorted()
      .join(' ')
  assert.equal(
    of(2025),
    '01-01 01-27 01-28 01-29 01-30 03-01 03-03 05-05 05-06 06-03 06-06 08-15 10-03 10-05 10-06 10-07 10-08 10-09 12-25',
  )
  assert.equal(
    of(2026),
    '01-01 02-16 02-17 02-18 03-01 03-02 05-01 05-05 05-24 05-25 06-03 06-06 07-17 08-15 08-17 09-24 09-25 09-26 10-03 10-05 10-09 12-25',
  )
  assert.equal(
    of(2027),
    '01-01 02-06 02-07 02-08 02-09 03-01 05-01 05-05 05-13 06-06 07-17 07-19 08-15 08-16 09-14 09-15 09-16 10-03 10-04 10-09 10-11 12-25 12-27',
  )
})

test('money is due at the end of the third business day, weekends and holidays not counted', () => {
  const end = 'T23:59:59.999Z'
  const table: [why: string, owedFrom: string, due: string][] = [
    ['a Monday', '2026-11-23T03:00:00Z', '2026-11-26'],
    ['late on a Monday in UTC is Tuesday in Korea', '2026-11-23T15:00:00Z', '2026-11-27'],
    ['over a weekend', '2026-11-26T03:00:00Z', '2026-12-01'],
    ['a Sunday', '2026-11-29T03:00:00Z', '2026-12-02'],
    ['over Chuseok', '2026-09-23T03:00:00Z', '2026-09-30'],
    ['over a day that stands in (5 October 2026) and Hangul Day', '2026-10-02T03:00:00Z', '2026-10-08'],
    ['over the turn of the year', '2026-12-30T03:00:00Z', '2027-01-05'],
  ]
  for (const [why, owedFrom, due] of table) assert.equal(dueOn(owedFrom), due + end, why)
})

test('each late day costs 15 % a year of the amount, to the won, until the money is back', () => {
  const owedFrom = new Date('2026-11-23T03:00:00Z') // due on the 26th
  const at = (now: string, endedAt: string | null = null) => {
    const clock = refundClock(
      { owedFrom, amount: 1_000_000, endedAt: endedAt === null ? null : new Date(endedAt) },
      new Date(now),
    )
    return [clock.lateDays, clock.lateInterest]
  }
  assert.deepEqual(at('2026-11-26T14:59:59Z'), [0, 0])
  assert.deepEqual(at('2026-11-26T15:00:00Z'), [1, 410]) // 410.96
  assert.deepEqual(at('2026-12-06T03:00:00Z'), [10, 4_109])
  assert.deepEqual(at('2027-11-26T03:00:00Z'), [365, 150_000])
  assert.deepEqual(at('2027-11-26T03:00:00Z', '2026-11-27T03:00:00Z'), [1, 410])
})
