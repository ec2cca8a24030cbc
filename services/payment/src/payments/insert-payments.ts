import type { Knex } from 'knex'
import { UnavailableError } from '@mytaek1/platform/errors.ts'
import { Gather } from '@mytaek1/platform/gather.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import type { Payment } from './payment.ts'

const rowsAtOnce = 64
const transactions = 2

/** A payment to be written, and the card token that it uses up. */
export interface NewPayment {
  payment: Payment
  cardTokenId: string | undefined
}

/** Writes new payments; those that come while others are written share a transaction. */
export type PaymentInserts = Gather<NewPayment, Payment>

/** `add` throws for a duplicate what the database said of that one: of a token, of a key, or of an order that has a payment. */
export function paymentInserts(db: Knex): PaymentInserts {
  return new Gather({
    most: rowsAtOnce,
    lanes: transactions,
    isOfOne: (error) => !(error instanceof UnavailableError),
    work: async (batch) => {
      const payments = batch.map(({ payment }) => payment)
      const tokens = batch.flatMap(({ cardTokenId: id, payment }) =>
        id === undefined ? [] : [{ id, used_at: payment.created_at }],
      )
      await inTransaction(db, async (trx) => {
        if (tokens.length > 0) await trx('used_card_tokens').insert(tokens)
        await trx('payments').insert(payments.map((payment) => payment.$toDatabaseJson()))
      })
      return payments
    },
  })
}
