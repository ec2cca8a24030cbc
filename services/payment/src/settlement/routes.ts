import { Readable } from 'node:stream'
import type { Knex } from 'knex'
import { z } from 'zod'
import { ForbiddenError, InvalidRequestError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { payoutStatement } from '../ledger/statement.ts'

const statementDaysMax = 366
const listMax = 200
const id = z.string().regex(/^[\w-]{1,64}$/)

const statementQuery = z.object({
  from: z.iso.date(),
  to: z.iso.date(),
  sellerId: id.optional().describe('for an admin; a seller reads his own'),
})

const differenceShape = z
  .object({
    gateway: z.string(),
    reference: z.string(),
    paymentId: z.string().nullable(),
    kind: z.string(),
    currency: z.string(),
    ours: z.number().describe('minor units'),
    theirs: z.number(),
    foundAt: z.iso.datetime(),
    resolvedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'SettlementDifference' })
const dayShape = z
  .object({
    gateway: z.string(),
    day: z.iso.date(),
    payments: z.number(),
    sums: z
      .array(z.object({ currency: z.string(), payout: z.number(), fees: z.number() }))
      .describe('minor units, by the currency that the gateway pays out in'),
    comparedAt: z.iso.datetime(),
  })
  .meta({ id: 'SettlementDay' })

/** What sellers are owed, and how the gateways' settlements compare with it. */
export function settlementEndpoints({ db }: { db: Knex }): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/payouts',
      summary: 'What a seller is owed over some days: sales, refunds and fees, and the balance after each, as CSV',
      access: 'account',
      query: statementQuery,
      responses: {
        200: { description: 'The statement; days are Korea’s', contentType: 'text/csv', schema: z.string() },
        400: { description: '`invalid_request`: malformed, or more than a year' },
        401: { description: '`unauthenticated`: not signed in' },
        403: { description: '`forbidden`: another seller’s' },
      },
      handle({ query, caller }, ctx) {
        const { from, to, sellerId = caller.sub } = query
        if (sellerId !== caller.sub && caller.role !== 'admin') throw new ForbiddenError('This is another seller’s')
        const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1
        if (days < 1 || days > statementDaysMax) {
          throw new InvalidRequestError('Ask for one day to a year', [
            { path: 'to', message: 'is too early or too late' },
          ])
        }
        ctx.type = 'text/csv; charset=utf-8'
        ctx.set('cache-control', 'no-store')
        ctx.set('content-disposition', `attachment; filename="payouts-${from}-${to}.csv"`)
        ctx.body = Readable.from(payoutStatement(db, { sellerId, from, to }))
        return { status: 200 }
      },
    }),
    endpoint({
      method: 'get',
      path: '/settlements',
      summary: 'The days that were compared with the gateways’ settlements, newest first, and the differences',
      access: ['admin'],
      responses: {
        200: {
          description: 'The last days, and all differences that are open, oldest first',
          schema: z.object({ days: z.array(dayShape), differences: z.array(differenceShape) }),
        },
      },
      async handle() {
        const days: unknown = await db('settlement_days')
          .whereNotNull('compared_at')
          .orderBy([{ column: 'day', order: 'desc' }, 'gateway'])
          .limit(listMax)
        const differences: unknown = await db('settlement_differences')
          .where({ resolved_at: null })
          .orderBy('found_at')
          .limit(listMax)
        return {
          status: 200,
          body: {
            days: z.array(dayRow).parse(days),
            differences: z.array(differenceRow).parse(differences),
          },
          headers: { 'cache-control': 'no-store' },
        }
      },
    }),
  ]
}

const amount = z.coerce.number()
const dayRow = z
  .object({
    gateway: z.string(),
    day: z.date(),
    payments: amount,
    payout: amount,
    fees: amount,
    sums: z.string().nullable(),
    compared_at: z.date(),
  })
  .transform(({ day, compared_at, payout, fees, sums, ...row }) => ({
    ...row,
    // a process of the version before knew of one currency
    sums: sums === null ? [{ currency: 'KRW', payout, fees }] : dayShape.shape.sums.parse(JSON.parse(sums)),
    day: day.toISOString().slice(0, 10),
    comparedAt: compared_at.toISOString(),
  }))
const differenceRow = z
  .object({
    gateway: z.string(),
    reference: z.string(),
    payment_id: z.string().nullable(),
    kind: z.string(),
    currency: z
      .string()
      .nullable()
      .transform((currency) => currency ?? 'KRW'),
    ours: amount,
    theirs: amount,
    found_at: z.date(),
    resolved_at: z.date().nullable(),
  })
  .transform(({ payment_id: paymentId, found_at, resolved_at, ...row }) => ({
    ...row,
    paymentId,
    foundAt: found_at.toISOString(),
    resolvedAt: resolved_at?.toISOString() ?? null,
  }))
