/**
 * Payments while the card network fails in every way, processes of both services, MariaDB and Redis are killed, and money
 * goes back in between; then our rows are held against the network's own ledger. Then the same with one guard taken out at
 * a time: each such run must fail.
 *
 * `PAYMENTS` (20,000) over `SEEDS` (10) seeds, `FIRST_SEED` (1); `TEETH` (all of them) are the guards that are taken out, `off`: none;
 * `TEETH_PAYMENTS` (300) is how many a run without one has. `SHOW_LOG=1` prints what the processes say.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Random } from '@mytaek1/platform/testing/random.ts'
import { createTokenIssuer } from '../../services/commerce/src/accounts/access-token.ts'
import { printTable } from '../../services/commerce/bench/stock-parts.ts'
import { prepareShop } from '../../services/commerce/src/testing/shop.ts'
import { Between, type Mutation } from './chaos-between.ts'
import { setNetwork, startBreaking } from './chaos-breaker.ts'
import { liveOn, type Story } from './chaos-buyer.ts'
import { isWrong, judge, nothing, type Verdict } from './chaos-judge.ts'
import { Watcher } from './chaos-watcher.ts'
import { startPlatform, type PaymentPlatform } from './processes.ts'
import { reserve } from './shoppers.ts'

const seeds = Number(process.env.SEEDS ?? 10)
const firstSeed = Number(process.env.FIRST_SEED ?? 1)
const payments = Number(process.env.PAYMENTS ?? 20_000)
const teethPayments = Number(process.env.TEETH_PAYMENTS ?? 300)
const teethSeeds = 5
const reservationSeconds = 45
const startWithinMs = 25_000 // buyers pay at any time in it
const faultsEndAfterMs = 240_000
const restWithinMs = 120_000
const firstLookMs = 30_000 // late-looks.ts: what was interrupted is looked at once more before it counts as ended
const mutations = ['inboxRow', 'gatewayKey', 'claim', 'refundKey'] as const satisfies Mutation[]

const real: Verdict[] = []
for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
  const verdict = await run('none', seed, Math.ceil(payments / seeds))
  real.push(verdict)
  report(`seed ${seed}`, verdict)
}
const teeth: Record<string, number | null> = {}
for (const mutation of mutations.filter((name) => process.env.TEETH?.split(',').includes(name) ?? true)) {
  teeth[mutation] = null
  for (let seed = 1; seed <= teethSeeds && teeth[mutation] === null; seed += 1) {
    const verdict = await run(mutation, seed, teethPayments)
    report(`without ${mutation}`, verdict)
    if (isWrong(verdict)) teeth[mutation] = seed
  }
}
const { otherFaults, notes: _notes, ...total } = real.reduce(add, nothing)
console.log(JSON.stringify({ ...total, teeth }))
if (otherFaults > 0 || real.some(isWrong) || Object.values(teeth).includes(null)) process.exitCode = 1

/** One seed on a platform of its own. */
async function run(mutation: Mutation, seed: number, count: number): Promise<Verdict> {
  const random = new Random(seed)
  const doors = new Between(mutation)
  const platform = await startPlatform({
    processes: 2,
    between: (called) => doors.before(called),
    commerce: { RESERVATION_SECONDS: `${reservationSeconds}` },
    payment: { GATEWAY_TIMEOUT_MS: '3000', LEASE_MS: '5000', GATEWAY_CONCURRENCY: '512' },
  })
  try {
    await prepareShop(platform.shop)
    if (mutation === 'inboxRow')
      await platform.shop.raw('ALTER TABLE inbox DROP PRIMARY KEY, ADD KEY by_event (event_id)')
    return await judge(platform, await live(platform, random, seed, count))
  } finally {
    await platform.stop()
    doors.stop()
  }
}

/** Buyers live while things break; returns when everything has come to rest, or had two minutes for it. */
async function live(platform: PaymentPlatform, random: Random, seed: number, count: number): Promise<Story[]> {
  const issuer = await createTokenIssuer(platform.tokenKey)
  const claims = { role: 'admin', name: 'Admin', sid: 'ses_admin', sub: 'acc_admin' } as const
  const { accessToken: adminToken } = await issuer.issue(claims, new Date())
  const buyers = await reserve(platform, `seed${seed}`, count)
  await setNetwork(platform, true)
  const watcher = new Watcher(platform.payments)
  const deps = { platform, watcher, random, adminToken }
  const breaking = startBreaking(platform, random)
  const lives = Promise.all(
    buyers.map(async (buyer) => {
      await delay(random.next() * startWithinMs)
      return await liveOn(deps, buyer)
    }),
  )
  await Promise.race([lives, delay(faultsEndAfterMs, undefined, { ref: false })])
  console.log(`seed ${seed}: ${(await breaking.stop()).join(', ')}`)
  await setNetwork(platform, false)
  const restBy = Date.now() + restWithinMs
  while (Date.now() < restBy && !(await isAtRest(platform))) await delay(500)
  await watcher.stop()
  return await lives
}

// No payment and no refund is under way, nothing is left to be told, and no reservation that is nobody's waits to expire.
async function isAtRest({ shop, payments: db }: PaymentPlatform): Promise<boolean> {
  const open = ['REQUESTED', 'PROCESSING', 'UNKNOWN']
  const soon = new Date(Date.now() + firstLookMs)
  const counts = await Promise.all([
    db('payments').whereIn('state', open).count({ rows: '*' }),
    db('payments').where('state', 'CANCELED').where('next_attempt_at', '<', soon).count({ rows: '*' }),
    db('refunds').where('state', 'REQUESTED').count({ rows: '*' }),
    db('outbox').count({ rows: '*' }),
    shop('outbox').count({ rows: '*' }),
    shop('orders').where('state', 'RESERVED').count({ rows: '*' }),
  ])
  return counts.every(([row]) => Number(row?.rows) === 0)
}

function add(a: Verdict, b: Verdict): Verdict {
  const sum = { ...a, notes: [...a.notes, ...b.notes] }
  for (const [key, value] of Object.entries(b))
    if (typeof value === 'number') Object.assign(sum, { [key]: a[key as 'payments'] + value })
  return sum
}

function report(name: string, { notes, ...counts }: Verdict): void {
  printTable(['', ...Object.keys(counts)], [[name, ...Object.values(counts)]])
  for (const text of notes) console.log(`  ${text}`)
}
