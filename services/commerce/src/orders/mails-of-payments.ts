import type { Knex } from 'knex'
import { literals } from '@mytaek1/platform/mysql-trip.ts'
import { mailsStatement, type Mails, type NewMail } from '../mail/enqueue-mail.ts'
import { readBuyers } from './queries.ts'
import type { OrderFollower } from './settle-order.ts'

/** Has buyers told by mail what became of their money, beside what else follows; in the transaction that takes the event. */
export function mailsOfPayments(mails: Mails, follower: OrderFollower): OrderFollower {
  if (!mails.on) return follower
  const toBuyers = async (
    trx: Knex.Transaction,
    orderIds: readonly string[],
    mailOf: (orderId: string) => Pick<NewMail & { kind: 'order_paid' | 'order_refunded' }, 'kind' | 'cause' | 'data'>,
  ) => {
    const buyers = await readBuyers(trx, orderIds)
    const some = [...buyers].map(([orderId, { buyerId }]) => ({ ...mailOf(orderId), accountId: buyerId }) as NewMail)
    await mails.enqueue(trx, some)
  }
  return {
    ...follower,
    paid: (orderIds) => [
      ...follower.paid(orderIds),
      mailsStatement(
        'order_paid',
        orderIds.map((orderId) => ({ cause: orderId, data: { orderId } })),
        `SELECT id AS cause, buyer_id AS account_id FROM orders WHERE id IN ${literals(orderIds)}`,
      ),
    ],
    refunded: async (trx, refund) => {
      const there = await follower.refunded(trx, refund)
      const { refunded, remaining } = refund
      await toBuyers(trx, [refund.orderId], (orderId) => ({
        kind: 'order_refunded',
        cause: `${orderId} ${remaining.amount}`, // each refund leaves less
        data: { orderId, refunded },
      }))
      return there
    },
  }
}
