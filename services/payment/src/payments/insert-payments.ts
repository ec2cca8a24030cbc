import type { Knex } from 'knex'
import { UnavailableError } from '@mytaek1/platform/errors.ts'
import { Gather } from '@mytaek1/platform/gather.ts'
import { inOneTrip, literals, type Value } from '@mytaek1/platform/mysql-trip.ts'
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
      const tokens = batch.flatMap(({ cardTokenId: id, payment }) =>
        id === undefined ? [] : [[id, payment.created_at]],
      )
      const payments = batch.map(({ payment }) => payment)
      const columns = Object.keys(payments[0] ?? {}) // all are made with the same ones
      await inOneTrip(db, [
        ...(tokens.length > 0
          ? [`INSERT INTO used_card_tokens (id, used_at) VALUES ${tokens.map(literals).join(',')}`]
          : []),
        `INSERT INTO payments (${columns.join(',')}) VALUES ${payments.map((row) => literals(valuesOf(row, columns))).join(',')}`,
      ])
      return payments
    },
  })
}

/** Whether a duplicate was a card token's: its table's key has no other name, and an id of a payment is new. */
export const isUsedToken = (duplicate: unknown): boolean =>
  duplicate instanceof Error && duplicate.message.includes(`'PRIMARY'`)

const valuesOf = (row: Payment, columns: readonly string[]) =>
  columns.map((column) => row[column as keyof Payment] as Value)
