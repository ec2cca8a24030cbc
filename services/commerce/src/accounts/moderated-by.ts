import type { Knex } from 'knex'

const most = 100 // as `GET /chat-moderating` shows

/** Sellers whose chats an account keeps in order: pages show it the tools for that. */
export async function moderatedBy(db: Knex, accountId: string): Promise<string[]> {
  const rows = await db('chat_moderators')
    .where('account_id', accountId)
    .orderBy('named_at', 'desc')
    .limit(most)
    .select<{ seller_id: string }[]>('seller_id')
  return rows.map(({ seller_id: sellerId }) => sellerId)
}
