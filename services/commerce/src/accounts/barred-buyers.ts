import type { Knex } from 'knex'
import { AppError, NotFoundError } from '@mytaek1/platform/errors.ts'

const barredMax = 1_000 // each is read with every batch of the seller's orders

/** The seller bars as many accounts as one may. */
export class TooManyBarredError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'too_many_barred'
  constructor() {
    super(`A seller may bar ${barredMax} accounts`)
  }
}

/** A buyer from whom a seller takes no orders. */
export interface BarredBuyer {
  id: string
  displayName: string
  barredAt: Date
}

/** Lets a seller take no more orders of an account; orders that there are stay. May be repeated. */
export async function barBuyer(
  { db, now }: { db: Knex; now: Date },
  { sellerId, buyerId }: { sellerId: string; buyerId: string },
): Promise<void> {
  if ((await db('accounts').where('id', buyerId).first('id')) === undefined) throw new NotFoundError('account', buyerId)
  const [row] = await db('barred_buyers').where('seller_id', sellerId).count<{ barred: number }[]>({ barred: '*' })
  if (row !== undefined && row.barred >= barredMax) throw new TooManyBarredError()
  await db('barred_buyers')
    .insert({ seller_id: sellerId, buyer_id: buyerId, barred_at: now })
    .onConflict(['seller_id', 'buyer_id'])
    .ignore()
}

/** Takes an account's orders again. */
export async function admitBuyer(
  db: Knex,
  { sellerId, buyerId }: { sellerId: string; buyerId: string },
): Promise<void> {
  await db('barred_buyers').where({ seller_id: sellerId, buyer_id: buyerId }).delete()
}

/** Whom a seller bars, the last first. */
export async function listBarredBuyers(db: Knex, sellerId: string): Promise<BarredBuyer[]> {
  const rows = await db('barred_buyers')
    .join('accounts', 'accounts.id', 'barred_buyers.buyer_id')
    .where('barred_buyers.seller_id', sellerId)
    .orderBy('barred_at', 'desc')
    .limit(barredMax)
    .select<{ id: string; display_name: string; barred_at: Date }[]>('accounts.id', 'display_name', 'barred_at')
  return rows.map(({ id, display_name: displayName, barred_at: barredAt }) => ({ id, displayName, barredAt }))
}
