import type { Knex } from 'knex'
import { z } from 'zod'
import type { AccessTokenClaims } from '@mytaek1/contracts/access-token.ts'

const listMax = 200

/** Who acts, as their token says; or the service by itself. */
export type Actor = Pick<AccessTokenClaims, 'sub' | 'role'> | { sub: 'payment'; role: 'service' }

/** The service itself, where it does what people should know of. */
export const theService: Actor = { sub: 'payment', role: 'service' }

/** What people do to payments, and what the service did that they should see. */
export type AuditAction =
  | 'money.returned'
  | 'refund.requested'
  | 'payment.retried'
  | 'payment.queried'
  | 'refund.retried'
  | 'event.retold'

/** Who did what to what. */
export interface AuditEntry {
  actor: Actor
  action: AuditAction
  subject: string
  details?: string
  at: Date
}

/** Writes down who did what, in the transaction of the deed where it has one. */
export async function audit(db: Knex | Knex.Transaction, entry: AuditEntry): Promise<void> {
  await auditAll(db, [entry])
}

/** The same for many deeds, by one statement. */
export async function auditAll(db: Knex | Knex.Transaction, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return
  await db('audit_entries').insert(
    entries.map(({ actor, action, subject, details = '', at }) => ({
      at,
      actor_id: actor.sub,
      actor_role: actor.role,
      action,
      subject,
      details: details.slice(0, 512),
    })),
  )
}

const rowShape = z
  .object({
    at: z.date(),
    actor_id: z.string(),
    actor_role: z.string(),
    action: z.string(),
    subject: z.string(),
    details: z.string(),
  })
  .transform(({ at, actor_id: actorId, actor_role: actorRole, ...row }) => ({
    at: at.toISOString(),
    actorId,
    actorRole,
    ...row,
  }))

/** The newest entries, of one payment or event when it is named. */
export async function listAudit(db: Knex, subject: string | undefined): Promise<z.infer<typeof rowShape>[]> {
  const query = db('audit_entries').orderBy('seq', 'desc').limit(listMax)
  if (subject !== undefined) void query.where({ subject })
  const rows: unknown = await query
  return z.array(rowShape).parse(rows)
}
