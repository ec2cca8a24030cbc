/** What a seller lets nobody write, in whatever show. */
import type { Knex } from 'knex'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { compileWords, type BannedWords } from './banned-words.ts'

/** Words that one seller may ban. */
export const bannedWordsMax = 200
const compiledMax = 1_000 // sellers whose words a Pod keeps ready

/** A seller's rules. */
export interface ChatRules {
  bannedWords: readonly string[]
  links: 'staff' | 'everybody'
}

/** Of a seller who has set nothing. */
export const defaultRules: ChatRules = Object.freeze({ bannedWords: [], links: 'staff' })

/** Reads a seller's rules. */
export async function readRules(db: Knex, sellerId: string): Promise<ChatRules> {
  const row = await db('chat_rules')
    .where('seller_id', sellerId)
    .first<{ banned_words: string; links: ChatRules['links'] } | undefined>('banned_words', 'links')
  return row === undefined ? defaultRules : { bannedWords: wordsOf(row.banned_words), links: row.links }
}

/** Sets a seller's rules; they hold for the next message on whatever Pod. */
export async function changeRules(
  { db, now }: { db: Knex; now: Date },
  sellerId: string,
  { bannedWords, links }: ChatRules,
): Promise<void> {
  const values = { banned_words: JSON.stringify(bannedWords), links, changed_at: now }
  await inTransaction(db, async (trx) => {
    await trx('chat_rules')
      .insert({ seller_id: sellerId, revision: 1, ...values })
      .onConflict('seller_id')
      .merge({ ...values, revision: trx.raw('revision + 1') })
  })
}

/** Sellers' words, ready to be looked for; read again once their revision has changed. */
export class CompiledWords {
  #db: Knex
  #known = new Map<string, { revision: number; words: BannedWords }>()

  constructor(db: Knex) {
    this.#db = db
  }

  /** @param revision as just read; null: the seller has set no rules. */
  async of(sellerId: string, revision: number | null): Promise<BannedWords> {
    if (revision === null) return []
    const known = this.#known.get(sellerId)
    if (known?.revision === revision) return known.words
    const words = compileWords((await readRules(this.#db, sellerId)).bannedWords)
    if (this.#known.size >= compiledMax) this.#known.clear()
    this.#known.set(sellerId, { revision, words })
    return words
  }
}

const wordsOf = (json: string): string[] => JSON.parse(json) as string[]
