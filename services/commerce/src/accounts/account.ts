import { Model, snakeCaseMappers } from 'objection'
import type { Role } from '@mytaek1/contracts/access-token.ts'

/** Somebody who can sign in. Every account may sell; `viewer` is what an admin leaves to one that may not. */
export class Account extends Model {
  static override tableName = 'accounts'
  static override columnNameMappers = snakeCaseMappers()
  declare id: string
  declare email: string
  declare displayName: string
  declare passwordHash: string
  declare role: Role
  /** The language of mails to it. */
  declare locale: string
  declare emailVerifiedAt: Date | null
  declare createdAt: Date
}

/** The one stream key of an account; the key itself is kept nowhere. */
export class StreamKey extends Model {
  static override tableName = 'stream_keys'
  static override idColumn = 'account_id'
  static override columnNameMappers = snakeCaseMappers()
  declare accountId: string
  declare sha256: string // of a key nobody knows once revoked
  declare last4: string | null
  declare issuedAt: Date
  declare revokedAt: Date | null
}

/** The form under which an e-mail address is unique: composed Unicode, no outer space, lower case. */
export function normaliseEmail(email: string): string {
  return email.normalize('NFC').trim().toLowerCase()
}
