import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import { z } from 'zod'
import { moneyShape } from '@mytaek1/contracts/money.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { requireOwnBroadcast } from '../broadcasts/change-broadcast.ts'
import { broadcastIdParams } from '../broadcasts/schema.ts'
import { allMessages } from '../chat/chat-log.ts'
import { chatFile } from './chat-file.ts'
import { readReport } from './show-report.ts'

/** What these endpoints need. */
export interface ReportDeps {
  db: Knex
  redis: Redis
}

const count = z.number().int().min(0)
const reportShape = z
  .object({
    minutes: z.array(
      z.object({
        at: z.iso.datetime(),
        viewers: count.nullable().describe('the most at once; null: nobody counted'),
        orders: count,
        units: count,
        sales: z.array(moneyShape),
      }),
    ),
    peakViewers: count,
    hearts: count,
    orders: count,
    units: count,
    buyers: count.describe('accounts that paid'),
    conversion: z
      .number()
      .min(0)
      .nullable()
      .describe('buyers for each viewer of the fullest minute; null: nobody watched'),
    sales: z.array(moneyShape).describe('paid, by currency'),
    refunded: z.array(moneyShape),
    shipping: z.array(moneyShape).describe('what of the sales is for sending'),
    discounts: z.array(moneyShape).describe('what coupons took off: the sales are without it'),
    products: z.array(z.object({ productId: z.string(), name: z.string(), units: count, sales: moneyShape })),
  })
  .meta({ id: 'ShowReport' })

const refusals = {
  401: { description: '`unauthenticated`: no valid access token' },
  403: { description: '`forbidden`: another seller’s' },
  404: { description: '`not_found`' },
}
const staff = ['seller', 'admin'] as const

/** What became of a show. */
export function reportRoutes({ db, redis }: ReportDeps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/broadcasts/{id}/report',
      summary:
        'Sales beside viewers by the minute, buyers and products of a show; what was paid within a week of its end',
      access: staff,
      params: broadcastIdParams,
      responses: { 200: { description: 'The report', schema: reportShape }, ...refusals },
      handle: async ({ params, caller }) => {
        const broadcast = await requireOwnBroadcast(db, caller, params.id)
        const { minutes, ...report } = await readReport(db, broadcast)
        const { buyers, peakViewers } = report
        const body = {
          ...report,
          hearts: broadcast.hearts,
          conversion: peakViewers === 0 ? null : buyers / peakViewers,
          minutes: minutes.map(({ at, ...rest }) => ({ at: at.toISOString(), ...rest })),
        }
        return { status: 200, body, headers: { 'cache-control': 'no-store' } }
      },
    }),
    endpoint({
      method: 'get',
      path: '/broadcasts/{id}/chat-file',
      summary: 'What was said, as CSV: names, roles and texts; kept for a day after the last message',
      access: staff,
      params: broadcastIdParams,
      responses: {
        200: { description: 'UTF-8 with a byte order mark', contentType: 'text/csv', schema: z.string() },
        503: { description: '`chat_unavailable`' },
        ...refusals,
      },
      handle: async ({ params, caller }) => {
        await requireOwnBroadcast(db, caller, params.id)
        const messages = await allMessages(redis, params.id)
        return {
          status: 200,
          body: chatFile(messages.map(({ message }) => message)),
          headers: {
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': `attachment; filename="chat-${params.id}.csv"`,
            'cache-control': 'no-store',
          },
        }
      },
    }),
  ]
}
