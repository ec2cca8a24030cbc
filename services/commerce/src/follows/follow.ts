/** Who follows which seller. The number of followers is counted with each row, so that a page asks for one row. */
import type { Knex } from 'knex'
import { AppError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { decodeCursor, toPage } from '../paging.ts'

const followedMax = 2_000

/** The account follows as many sellers as one may. */
export class TooManyFollowedError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'too_many_followed'
  constructor() {
    super(`An account may follow ${followedMax} sellers`)
  }
}

/** A seller whom an account follows. */
export interface Follow {
  sellerId: string
  sellerName: string
  /** Wants a mail when a show begins. */
  notify: boolean
  followedAt: Date
}

/** Follows a seller, or changes whether mails are wanted. @throws {NotFoundError | TooManyFollowedError} */
export async function follow(
  { db, now }: { db: Knex; now: Date },
  { followerId, sellerId, notify }: { followerId: string; sellerId: string; notify: boolean },
): Promise<Follow> {
  const seller = await db('accounts').where('id', sellerId).first<{ display_name: string } | undefined>('display_name')
  if (seller === undefined) throw new NotFoundError('seller', sellerId)
  await inTransaction(db, async (trx) => {
    const row = { follower_id: followerId, seller_id: sellerId, notify, followed_at: now }
    const [result] = (await trx.raw(
      `INSERT IGNORE INTO follows (follower_id, seller_id, notify, followed_at) VALUES (?, ?, ?, ?)`,
      [row.follower_id, row.seller_id, row.notify, row.followed_at],
    )) as [{ affectedRows: number }]
    if (result.affectedRows === 0) {
      await trx('follows').where({ follower_id: followerId, seller_id: sellerId }).update({ notify })
      return
    }
    const [of] = await trx('follows').where('follower_id', followerId).count<{ sellers: number }[]>({ sellers: '*' })
    if (of !== undefined && of.sellers > followedMax) throw new TooManyFollowedError()
    await trx('seller_followers')
      .insert({ seller_id: sellerId, followers: 1 })
      .onConflict('seller_id')
      .merge({ followers: trx.raw('followers + 1') })
  })
  return (
    (await findFollow(db, { followerId, sellerId })) ?? {
      sellerId,
      sellerName: seller.display_name,
      notify,
      followedAt: now,
    }
  )
}

/** Follows no more. May be repeated. */
export async function unfollow(
  db: Knex,
  { followerId, sellerId }: { followerId: string; sellerId: string },
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const gone = await trx('follows').where({ follower_id: followerId, seller_id: sellerId }).delete()
    if (gone > 0) await trx('seller_followers').where('seller_id', sellerId).decrement('followers', 1)
  })
}

/** Wants no more mails of a seller's shows. May be repeated. */
export async function stopMails(
  db: Knex,
  { followerId, sellerId }: { followerId: string; sellerId: string },
): Promise<void> {
  await db('follows').where({ follower_id: followerId, seller_id: sellerId }).update({ notify: false })
}

/** Whether an account follows a seller, and how; undefined: it does not. */
export async function findFollow(
  db: Knex,
  { followerId, sellerId }: { followerId: string; sellerId: string },
): Promise<Follow | undefined> {
  const row = await withNames(db)
    .where({ follower_id: followerId, seller_id: sellerId })
    .first<FollowRow | undefined>(...columns)
  return row && toFollow(row)
}

/** One page of whom an account follows, the last first. */
export async function listFollows(
  db: Knex,
  followerId: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: Follow[]; nextCursor: string | null }> {
  const query = withNames(db)
    .where('follower_id', followerId)
    .orderBy([
      { column: 'followed_at', order: 'desc' },
      { column: 'seller_id', order: 'desc' },
    ])
  if (page.cursor !== undefined) {
    const { at, id } = decodeCursor(page.cursor)
    void query.whereRaw('(followed_at, seller_id) < (?, ?)', [at, id])
  }
  const rows: FollowRow[] = await query.limit(page.limit + 1).select(...columns)
  return toPage(rows.map(toFollow), page.limit, ({ followedAt, sellerId }) => ({ at: followedAt, id: sellerId }))
}

/** How many follow a seller; 0 for one whom nobody knows. */
export async function followersOf(db: Knex, sellerId: string): Promise<number> {
  const row = await db('seller_followers')
    .where('seller_id', sellerId)
    .first<{ followers: number } | undefined>('followers')
  return row?.followers ?? 0
}

const columns = ['seller_id', 'display_name', 'notify', 'followed_at'] as const

const withNames = (db: Knex) => db('follows').join('accounts', 'accounts.id', 'follows.seller_id')

interface FollowRow {
  seller_id: string
  display_name: string
  notify: number
  followed_at: Date
}

const toFollow = (row: FollowRow): Follow => ({
  sellerId: row.seller_id,
  sellerName: row.display_name,
  notify: row.notify === 1,
  followedAt: row.followed_at,
})
