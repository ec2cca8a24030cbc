/**
 * Korea's public holidays, by the rules of the Regulations on Holidays of Public Offices (관공서의 공휴일에 관한 규정,
 * https://www.law.go.kr/법령/관공서의공휴일에관한규정): article 2 names the days, article 3 when the next weekday that is no
 * holiday stands in for one. Lunar days are the almanac's (월력요항, Korea Astronomy and Space Science Institute). A day of
 * an election or a single year is there once it was proclaimed; one that is missing makes a deadline earlier, never later.
 *
 * Constitution Day is one again from 2026, and Labour Day is one from then on (2026 amendments of 공휴일에 관한 법률).
 */

/** Days are texts in Korea's calendar: `2026-11-29`. */
type Substitute =
  | 'weekend' // on a Saturday, a Sunday or another holiday
  | 'sunday' // on a Sunday or another holiday
  | 'none'

interface Holiday {
  date: string
  substitute: Substitute
}

const fixed: readonly { day: string; substitute: Substitute; since?: number }[] = Object.freeze([
  { day: '01-01', substitute: 'none' },
  { day: '03-01', substitute: 'weekend' },
  { day: '05-01', substitute: 'none', since: 2026 }, // whether one stands in for it is left open: none makes nothing late
  { day: '05-05', substitute: 'weekend' },
  { day: '06-06', substitute: 'none' },
  { day: '07-17', substitute: 'weekend', since: 2026 },
  { day: '08-15', substitute: 'weekend' },
  { day: '10-03', substitute: 'weekend' },
  { day: '10-09', substitute: 'weekend' },
  { day: '12-25', substitute: 'weekend' },
])

// The first day of the lunar year, the Buddha's birthday (8th of the 4th month) and Chuseok (15th of the 8th).
const lunar: Readonly<Record<number, { seollal: string; buddha: string; chuseok: string }>> = Object.freeze({
  2025: { seollal: '01-29', buddha: '05-05', chuseok: '10-06' },
  2026: { seollal: '02-17', buddha: '05-24', chuseok: '09-25' },
  2027: { seollal: '02-07', buddha: '05-13', chuseok: '09-15' },
  2028: { seollal: '01-27', buddha: '05-02', chuseok: '10-03' },
})

const proclaimed: readonly string[] = Object.freeze([
  '2025-01-27', // the Monday before Seollal
  '2025-06-03', // election of the president
  '2026-06-03', // local elections
  '2028-04-12', // election of the National Assembly
])

const years = new Map<number, ReadonlySet<string>>()

/** Whether a day is one on which business rests: a Saturday, a Sunday, a public holiday or what stands in for one. */
export function isRestDay(date: string): boolean {
  return isWeekend(date) || holidaysOf(Number(date.slice(0, 4))).has(date)
}

/** The day that comes so many days later. */
export const plusDays = (date: string, days: number) =>
  new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10)

/** All public holidays of a year with those that stand in; without the lunar ones beyond the table's years. */
export function holidaysOf(year: number): ReadonlySet<string> {
  const known = years.get(year)
  if (known) return known
  const named = namedIn(year)
  const all = new Set([...named.map(({ date }) => date), ...proclaimed.filter((date) => date.startsWith(`${year}-`))])
  for (const [index, { date, substitute }] of named.entries()) {
    // of two on one day one is made up for: the first stays on it
    const meets = named.findIndex((other) => other.date === date) < index
    const lost =
      substitute !== 'none' && (weekday(date) === 0 || (substitute === 'weekend' && weekday(date) === 6) || meets)
    if (!lost) continue
    let day = plusDays(date, 1)
    while (isWeekend(day) || all.has(day)) day = plusDays(day, 1)
    all.add(day)
  }
  years.set(year, all)
  return all
}

function namedIn(year: number): Holiday[] {
  const holidays: Holiday[] = fixed
    .filter(({ since = 0 }) => year >= since)
    .map(({ day, substitute }) => ({ date: `${year}-${day}`, substitute }))
  const moon = lunar[year]
  if (moon) {
    holidays.push({ date: `${year}-${moon.buddha}`, substitute: 'weekend' })
    for (const feast of [moon.seollal, moon.chuseok]) {
      for (const day of [-1, 0, 1]) holidays.push({ date: plusDays(`${year}-${feast}`, day), substitute: 'sunday' })
    }
  }
  return holidays.toSorted((a, b) => (a.date < b.date ? -1 : 1))
}

const weekday = (date: string) => new Date(date).getUTCDay()

const isWeekend = (date: string) => weekday(date) === 0 || weekday(date) === 6
