import assert from 'node:assert/strict'
import { claimAnswersShape, type EventEnvelope, type ServiceEvent } from '@mytaek1/contracts/service-events.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { signedFetch } from '@mytaek1/platform/service-signature.ts'
import type { TestApp } from './test-app.ts'

/** Says to commerce what the payment service would, for tests of commerce alone. */
export function playedPayment(app: TestApp) {
  const post = async (path: string, body: object) => {
    const url = `${app.url}/internal/${path}`
    const { SERVICE_TOKEN: serviceToken } = app.config
    const text = JSON.stringify(body)
    const answer = await signedFetch({ serviceToken, method: 'POST', url, body: text, timeoutMs: 60_000 })
    assert.ok(answer.ok, `${path} answered ${answer.status}`)
    return answer
  }
  const tell = async (event: ServiceEvent) => {
    const envelope: EventEnvelope = { id: newId('evt'), occurredAt: new Date().toISOString(), event }
    await post('events', envelope)
  }
  return {
    tell,
    /** Claims an order; answers what commerce said. */
    claim: async (orderId: string, buyerId: string) => {
      const claims = [{ orderId, paymentId: newId('pay'), buyerId, replaces: null }]
      const { answers } = claimAnswersShape.parse(await (await post('claims', { claims })).json())
      const [answer] = answers
      assert.ok(answer?.claim === 'CLAIMED')
      return answer
    },
    /** Claims an order and pays it; answers the payment's id. */
    pay: async (order: { id: string; total: { amount: number; currency: string } }, buyerId: string) => {
      const paymentId = newId('pay')
      await post('claims', { claims: [{ orderId: order.id, paymentId, buyerId, replaces: null }] })
      const paid = { outcome: 'paid', paymentId, orderId: order.id, amount: order.total } as const
      await tell({ type: 'payment.settled', data: { ...paid, settledAt: new Date().toISOString() } })
      return paymentId
    },
    /** What payment was told of an order, the oldest first. */
    heard: async (orderId: string): Promise<ServiceEvent[]> => {
      const rows: { body: string }[] = await app.db('outbox').where('event_key', orderId).orderBy('seq').select('body')
      return rows.map(({ body }) => (JSON.parse(body) as EventEnvelope).event)
    },
  }
}
