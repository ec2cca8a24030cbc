import type { Knex } from 'knex'
import { Counter, Gauge, type Registry } from 'prom-client'

/** Counts what became of mails; registers gauges of those that wait. Neither has an address. */
export function mailMetrics(registry: Registry, db: Knex) {
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => Promise<number>) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read())
      },
    })
  gauge('commerce_mail_age_seconds', 'Age of the oldest mail that is due and was not sent', async () => {
    const [rows] = await db.raw(
      'SELECT TIMESTAMPDIFF(SECOND, MIN(created_at), UTC_TIMESTAMP()) AS age FROM mail_outbox WHERE due_at IS NOT NULL',
    )
    return Math.max(0, Number(rows[0]?.age ?? 0))
  })
  gauge('commerce_mail_set_aside', 'Mails that the mail server refused too often: a person must look', async () => {
    const [row] = await db('mail_outbox').whereNotNull('set_aside_at').count<{ mails: number }[]>({ mails: '*' })
    return row?.mails ?? 0
  })
  return new Counter({
    name: 'commerce_mails_total',
    help: 'Tries to send a mail, by kind and outcome',
    labelNames: ['kind', 'outcome'] as const,
    registers,
  })
}
