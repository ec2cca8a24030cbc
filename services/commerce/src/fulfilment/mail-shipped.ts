import type { Knex } from 'knex'
import { enqueueMail } from '../mail/enqueue-mail.ts'
import { trackingUrl } from './carriers.ts'
import type { Fulfilment } from './fulfilment.ts'

/** Has a buyer told by mail that an order is on its way, once, in the transaction that says so. */
export async function mailShipped(trx: Knex.Transaction, order: Fulfilment): Promise<void> {
  const { orderId, buyerId, carrier, trackingNumber } = order
  if (carrier === null || trackingNumber === null) return
  const data = { orderId, carrier, trackingNumber, trackingUrl: trackingUrl(carrier, trackingNumber) }
  await enqueueMail(trx, { kind: 'order_shipped', accountId: buyerId, cause: orderId, data })
}
