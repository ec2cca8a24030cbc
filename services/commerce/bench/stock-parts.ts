/** What the stock benches share: private servers, closed loops of callers, percentiles, a table and the last line. */
import { createDatabase } from '@mytaek1/platform/testing/database.ts'
import { connectMysql } from '@mytaek1/platform/mysql.ts'
import { startMariadb, startRedis, type Part } from '@mytaek1/platform/testing/parts.ts'
import { prepareShop } from '../src/testing/shop.ts'

/** A MariaDB that syncs its log at every commit, a Redis, and a migrated database on them. */
export interface BenchServers {
  mariadb: Part
  redis: Part
  mysqlUrl: string
  stop(): Promise<void>
}

// A million orders in half a minute: with the little memory that tests give it MariaDB would write pages all the time.
const memory = ['--innodb-buffer-pool-size=1G', '--innodb-log-file-size=1G']

/** Starts private servers in temporary folders. */
export async function startServers(): Promise<BenchServers> {
  const [mariadb, redis] = await Promise.all([startMariadb({ arguments: memory }), startRedis()])
  const mysqlUrl = await createShop(mariadb.url, 'shop')
  return {
    mariadb,
    redis,
    mysqlUrl,
    stop: async () => {
      await Promise.all([mariadb.stop(), redis.stop()])
    },
  }
}

/** Creates and migrates a database; answers its URL. */
export async function createShop(serverUrl: string, name: string): Promise<string> {
  const admin = connectMysql({ url: serverUrl, poolMax: 1 })
  await admin.raw(createDatabase(name))
  await admin.destroy()
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
  const db = connectMysql({ url, poolMax: 2 })
  await prepareShop(db)
  await db.destroy()
  return url
}

/** How a closed loop went. */
export interface LoopResult {
  perSecond: number
  done: number
  latenciesMs: number[]
}

/**
 * Lets `callers` call one after the other for `seconds`, after a quarter of that as warm-up, and counts what was done.
 *
 * @param call does one thing; gets the caller's number and how many things it did before
 */
export async function closedLoop(
  options: { callers: number; seconds: number },
  call: (caller: number, nth: number) => Promise<unknown>,
): Promise<LoopResult> {
  const warmUntil = performance.now() + options.seconds * 250
  const until = warmUntil + options.seconds * 1_000
  let done = 0
  const latenciesMs: number[] = []
  await Promise.all(
    Array.from({ length: options.callers }, async (_, caller) => {
      for (let nth = 0, now = performance.now(); now < until; nth += 1) {
        await call(caller, nth)
        const end = performance.now()
        if (now >= warmUntil && end <= until) {
          done += 1
          latenciesMs.push(end - now)
        }
        now = end
      }
    }),
  )
  return { perSecond: done / options.seconds, done, latenciesMs }
}

/** The given quantile (0 to 1) of numbers; NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

/** Prints a table: a heading and rows of the same length, numbers right-aligned. */
export function printTable(heading: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [heading, ...rows.map((row) => row.map(show))]
  const widths = heading.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  for (const row of cells) {
    const line = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
    console.log(line.join('  ').trimEnd())
  }
  console.log()
}

/** Rounds for people: three digits. */
export const round = (value: number) => Number(value.toPrecision(3))

const show = (cell: string | number) => (typeof cell === 'string' ? cell : round(cell).toLocaleString('en'))
