import { z } from 'zod'
import { InvalidRequestError } from '@mytaek1/platform/errors.ts'

const defaultLimit = 20
const maxLimit = 100

/** Query parameters of every list: how many, and where the last page ended. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(maxLimit).default(defaultLimit),
  cursor: z.string().max(200).optional().describe('nextCursor of the page before'),
}

/** The answer of every list; `nextCursor` is null on the last page. */
export const pageOf = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })

// as columns have them: a time that DATETIME holds, an id in ASCII
const positionShape = z.tuple([z.iso.datetime(), z.string().regex(/^[\w-]{1,40}$/)])

/** Where a page ended: the sort key (ISO 8601 time) and the id that breaks ties. */
export interface Position {
  at: Date
  id: string
}

/** Writes a position as an opaque cursor. */
export function encodeCursor(position: Position): string {
  return Buffer.from(JSON.stringify([position.at.toISOString(), position.id])).toString('base64url')
}

/** Reads a cursor that `encodeCursor` wrote; throws InvalidRequestError for anything else. */
export function decodeCursor(cursor: string): Position {
  try {
    const [at, id] = positionShape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    const date = new Date(at)
    if (!Number.isNaN(date.getTime())) return { at: date, id }
  } catch {
    // falls through: not ours
  }
  throw new InvalidRequestError('The cursor is not one that this list gave', [
    { path: 'cursor', message: 'unknown cursor' },
  ])
}

/** Cuts `limit + 1` rows to a page; the one row more tells whether another page follows. */
export function toPage<T>(
  rows: readonly T[],
  limit: number,
  positionOf: (row: T) => Position,
): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(positionOf(last)) : null }
}
