/**
 * Races orders, cancels, payments, declines, expiries and repeated requests over three processes while the lock's
 * holder is killed or paused, Redis is killed, emptied or replaced by a stale copy, MariaDB is killed, and connections
 * are cut around COMMIT. Then the same with one guard taken out at a time: each such run must fail.
 *
 * `SEEDS` (20) seeds, `TEETH=off` leaves the guards alone, `TEETH=holdLimit,condition` takes out those, `FIRST_SEED` (1).
 */
import { connectMysql } from '@mytaek1/platform/mysql.ts'
import { Cluster } from './chaos-stock-cluster.ts'
import { judge, type Verdict } from './chaos-stock-judge.ts'
import { mutateSchema, teeth, type Mutation } from './chaos-stock-mutations.ts'
import { runSeed } from './chaos-stock-seed.ts'
import { printTable } from './stock-parts.ts'

const seeds = Number(process.env.SEEDS ?? 20)
const firstSeed = Number(process.env.FIRST_SEED ?? 1)
const teethSeeds = 20
const workers = 3

const cluster = new Cluster()
try {
  await cluster.start()
  const real = await run('none', seeds, () => false)
  const total = sum(real.map(({ verdict }) => verdict))
  printTable(
    ['seed', 'orders', 'oversold', 'lost', 'double', 'false', 'seconds', 'broken'],
    real.map(({ seed, verdict, seconds, faults }) => [`${seed}`, ...numbersOf(verdict), seconds, faults.join(', ')]),
  )
  const failedAfter: Record<string, number | null> = {}
  const chosen = process.env.TEETH?.split(',') // of those that there are: `off` is none
  for (const mutation of teeth.filter((one) => chosen === undefined || chosen.includes(one))) {
    // a lock that fails must let more be sold than there is; any other missing guard may show in any way
    const isFailure = (verdict: Verdict) => (mutation === 'lockOnly' ? verdict.oversold > 0 : isWrong(verdict))
    const runs = await run(mutation, teethSeeds, isFailure)
    const last = runs.at(-1)
    failedAfter[mutation] = last && isFailure(last.verdict) ? runs.length : null
    console.log(`without ${mutation}: ${last && isFailure(last.verdict) ? `fails at seed ${last.seed}` : 'NOT FOUND'}`)
    for (const note of last?.verdict.notes.slice(0, 3) ?? []) console.log(`  ${note}`)
  }
  console.log(JSON.stringify({ seeds, ...total, teeth: failedAfter }))
  if (isWrong({ ...total, notes: [] }) || Object.values(failedAfter).includes(null)) process.exitCode = 1
} catch (error) {
  console.error(error) // now: what still breaks things may keep the cluster from stopping
  process.exitCode = 1
} finally {
  await cluster.stop()
}

/** Runs seeds on a database of their own until `stopAt`. */
async function run(mutation: Mutation, count: number, stopAt: (verdict: Verdict) => boolean) {
  await cluster.useDatabase(`chaos_${mutation.toLowerCase()}`, mutation, workers)
  const db = connectMysql({ url: cluster.directUrl, poolMax: 5 })
  await mutateSchema(db, mutation)
  const runs: { seed: number; verdict: Verdict; seconds: number; faults: string[] }[] = []
  try {
    for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
      const startedAt = performance.now()
      const story = await runSeed(cluster, db, seed, { ordersOnly: mutation === 'lockOnly' })
      const verdict = await judge(db, story)
      runs.push({ seed, verdict, seconds: (performance.now() - startedAt) / 1_000, faults: story.faults })
      if (mutation === 'none') for (const note of verdict.notes) console.log(`seed ${seed}: ${note}`)
      process.stderr.write(isWrong(verdict) ? 'x' : '.')
      if (stopAt(verdict)) break
    }
  } finally {
    process.stderr.write('\n')
    await db.destroy()
  }
  return runs
}

function sum(verdicts: readonly Verdict[]) {
  const total = { orders: 0, oversold: 0, lostUnits: 0, doubleOrders: 0, falseAnswers: 0 }
  for (const verdict of verdicts) {
    total.orders += verdict.orders
    total.oversold += verdict.oversold
    total.lostUnits += verdict.lostUnits
    total.doubleOrders += verdict.doubleOrders
    total.falseAnswers += verdict.falseAnswers
  }
  return total
}

function numbersOf({ orders, oversold, lostUnits, doubleOrders, falseAnswers }: Verdict): number[] {
  return [orders, oversold, lostUnits, doubleOrders, falseAnswers]
}

function isWrong({ oversold, lostUnits, doubleOrders, falseAnswers }: Verdict): boolean {
  return oversold + lostUnits + doubleOrders + falseAnswers > 0
}
