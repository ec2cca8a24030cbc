/**
 * Answers that a seller keeps ready, to be sent by one press: what is asked in every show. Sending one is saying its text,
 * as any message; nothing else knows that it was ready.
 */
import type { Knex } from 'knex'
import { AppError } from '@mytaek1/platform/errors.ts'

/** Answers that one seller may keep. */
export const answersMax = 30

/** An answer: what its button says, and what the chat is told. */
export interface CannedAnswer {
  title: string
  text: string
}

/** All of a seller's, in order. `revision` is 0 before the first was kept. */
export interface CannedAnswers {
  revision: number
  items: readonly CannedAnswer[]
}

/** They were changed meanwhile, in another window: whoever saves has not seen what would be lost. */
export class AnswersChangedError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'answers_changed'
  constructor(seen: number) {
    super(`The answers are not as they were at revision ${seen}: read them again`)
  }
}

/** Reads a seller's answers. */
export async function readAnswers(db: Knex, sellerId: string): Promise<CannedAnswers> {
  const row = await db('chat_answers')
    .where('seller_id', sellerId)
    .first<{ revision: number; answers: string } | undefined>('revision', 'answers')
  if (row === undefined) return { revision: 0, items: [] }
  return { revision: row.revision, items: JSON.parse(row.answers) as CannedAnswer[] }
}

/**
 * Sets all of a seller's answers, if they are as the seller saw them.
 *
 * @throws {AnswersChangedError}
 */
export async function changeAnswers(
  { db, now }: { db: Knex; now: Date },
  sellerId: string,
  { revision, items }: CannedAnswers,
): Promise<CannedAnswers> {
  const next = { revision: revision + 1, answers: JSON.stringify(items), changed_at: now }
  const changed =
    revision === 0
      ? await insertFirst(db, { seller_id: sellerId, ...next })
      : await db('chat_answers').where({ seller_id: sellerId, revision }).update(next)
  if (changed === 0) throw new AnswersChangedError(revision)
  return { revision: next.revision, items }
}

async function insertFirst(
  db: Knex,
  row: { seller_id: string; revision: number; answers: string; changed_at: Date },
): Promise<number> {
  const [result] = (await db.raw(
    'INSERT IGNORE INTO chat_answers (seller_id, revision, answers, changed_at) VALUES (?, ?, ?, ?)',
    [row.seller_id, row.revision, row.answers, row.changed_at],
  )) as [{ affectedRows: number }]
  return result.affectedRows
}
