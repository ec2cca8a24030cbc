import type { Knex } from 'knex'
import { z } from 'zod'
import { ForbiddenError, InvalidRequestError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { isExpired, summarize } from '../cards/card.ts'
import type { PaymentGateway } from '../gateways/payment-gateway.ts'
import { Payment, Refund } from './payment.ts'
import { requestPayment, type RequestPaymentDeps } from './request-payment.ts'
import { findPayment, listPayments, mayRefund, returnedAmounts } from './queries.ts'
import { requestRefund } from './refund.ts'
import * as schema from './schema.ts'

const refundsMax = 500 // of one payment; gateways allow one a second

/** Collaborators of the routes. */
export interface PaymentRouteDeps extends RequestPaymentDeps {
  gateway: PaymentGateway
}

/** The payment API's operations. */
export function paymentEndpoints(deps: PaymentRouteDeps): Endpoint[] {
  return [
    createCardToken(deps),
    createPayment(deps),
    listOwnPayments(deps),
    readPayment(deps),
    createRefund(deps),
    readRefunds(deps),
    receiveWebhook(deps),
  ]
}

const createCardToken = ({ tokens, now }: PaymentRouteDeps) =>
  endpoint({
    method: 'post',
    path: '/card-tokens',
    summary: 'Turn a card into a token for one payment',
    access: 'account',
    body: schema.cardTokenRequest,
    bodyLimitBytes: 2_048,
    responses: {
      201: { description: 'The token; it is good once and until expiresAt', schema: schema.cardTokenAnswer },
      400: { description: 'Not a card, or one that has expired' },
      401: { description: 'Not signed in' },
    },
    async handle({ body, caller }) {
      if (isExpired(body, now())) {
        throw new InvalidRequestError('The card has expired', [{ path: 'expiryYear', message: 'is over' }])
      }
      const { token, expiresAt } = await tokens.seal(body, caller.sub)
      return {
        status: 201,
        body: { token, ...summarize(body), expiresAt: expiresAt.toISOString() },
        headers: { 'cache-control': 'no-store' },
      }
    },
  })

const createPayment = (deps: PaymentRouteDeps) =>
  endpoint({
    method: 'post',
    path: '/payments',
    summary: 'Pay a reserved order; processed after the answer',
    access: 'account',
    headers: schema.idempotencyHeaders,
    body: schema.paymentRequest,
    responses: {
      202: { description: 'Accepted; its state is at /payments/{id}', schema: schema.paymentAnswer },
      400: { description: 'Malformed, no Idempotency-Key, or a bad card token' },
      401: { description: 'Not signed in' },
      404: { description: 'No such order of this buyer' },
      409: { description: 'The order takes no payment, has one, or the card token was used' },
      422: { description: 'The Idempotency-Key came before with another request' },
      503: { description: '`payments_busy` and others: try again later' },
    },
    async handle({ body, headers, caller }) {
      const payment = await requestPayment(deps, {
        orderId: body.orderId,
        cardToken: body.cardToken,
        buyerId: caller.sub,
        idempotencyKey: headers['idempotency-key'],
      })
      return {
        status: 202,
        body: schema.presentPayment(payment),
        headers: { location: `/api/payment/v1/payments/${payment.id}` },
      }
    },
  })

const listOwnPayments = ({ db }: PaymentRouteDeps) =>
  endpoint({
    method: 'get',
    path: '/payments',
    summary: 'Payments, newest first: one’s purchases, one’s sales, or all for an admin',
    access: 'account',
    query: schema.listQuery,
    responses: {
      200: { description: 'One page', schema: schema.paymentPage },
      401: { description: 'Not signed in' },
      403: { description: '`forbidden`: not an admin' },
    },
    async handle({ query, caller }) {
      if (query.as === 'admin' && caller.role !== 'admin') throw new ForbiddenError('Only an admin lists all payments')
      const { payments, nextCursor } = await listPayments(db, caller, query)
      const returned = await returnedAmounts(
        db,
        payments.map(({ id }) => id),
      )
      const items = payments.map((payment) => schema.presentPayment(payment, returned.get(payment.id)))
      return { status: 200, body: { items, nextCursor }, headers: { 'cache-control': 'no-store' } }
    },
  })

const readPayment = (deps: PaymentRouteDeps) =>
  endpoint({
    method: 'get',
    path: '/payments/{id}',
    summary: 'Read a payment: as its buyer, its seller, or an admin',
    access: 'account',
    params: schema.idParams,
    responses: {
      200: { description: 'The payment as it is now', schema: schema.paymentAnswer },
      401: { description: 'Not signed in' },
      404: { description: 'No such payment of this caller' },
    },
    async handle({ params, caller }) {
      const payment = await findPayment(deps, params.id, caller)
      const returned = payment.refunded_amount === 0 ? undefined : await returnedAmounts(deps.db, [payment.id])
      return {
        status: 200,
        body: schema.presentPayment(payment, returned?.get(payment.id)),
        headers: { 'cache-control': 'no-store' },
      }
    },
  })

const createRefund = (deps: PaymentRouteDeps) =>
  endpoint({
    method: 'post',
    path: '/payments/{id}/refunds',
    summary: 'Give money back: the order’s seller or an admin',
    access: 'account',
    params: schema.idParams,
    headers: schema.idempotencyHeaders,
    body: schema.refundRequest,
    responses: {
      202: { description: 'Accepted', schema: schema.refundAnswer },
      400: { description: 'Malformed, or no Idempotency-Key' },
      401: { description: 'Not signed in' },
      404: { description: 'No such payment that the caller may refund' },
      409: { description: 'Nothing, or less, is left to refund' },
      422: { description: 'The Idempotency-Key came before with another request' },
    },
    async handle({ params, body, headers, caller }) {
      const payment = await findPayment(deps, params.id, caller)
      if (!mayRefund(payment, caller)) throw new NotFoundError('payment', params.id)
      if (body.amount && payment.currency !== null && body.amount.currency !== payment.currency) {
        throw new InvalidRequestError(`The payment was made in ${payment.currency}`, [
          { path: 'amount.currency', message: `must be ${payment.currency}` },
        ])
      }
      const refund = await requestRefund(deps, {
        paymentId: params.id,
        amount: body.amount?.amount,
        restock: body.restock,
        idempotencyKey: headers['idempotency-key'],
        actor: caller,
      })
      deps.driver.nudge()
      return { status: 202, body: schema.presentRefund(refund, payment.currency ?? '', deps.now()) }
    },
  })

const readRefunds = (deps: PaymentRouteDeps) =>
  endpoint({
    method: 'get',
    path: '/payments/{id}/refunds',
    summary: 'The refunds of a payment, with the law’s clock: its buyer, its seller, or an admin',
    access: 'account',
    params: schema.idParams,
    responses: {
      200: { description: 'All of them, oldest first', schema: schema.refundList },
      401: { description: 'Not signed in' },
      404: { description: 'No such payment of this caller' },
    },
    async handle({ params, caller }) {
      const payment = await findPayment(deps, params.id, caller)
      const refunds = await Refund.query(deps.db)
        .where('payment_id', payment.id)
        .orderBy('created_at')
        .limit(refundsMax)
      const items = refunds.map((refund) => schema.presentRefund(refund, payment.currency ?? '', deps.now()))
      return { status: 200, body: { items }, headers: { 'cache-control': 'no-store' } }
    },
  })

const receiveWebhook = ({ db, gateway, driver, now }: PaymentRouteDeps) =>
  endpoint({
    method: 'post',
    path: '/webhooks/{gateway}',
    summary: 'A gateway’s hint that payments changed: nothing in it is believed, the gateway is asked',
    access: 'public',
    params: z.object({ gateway: schema.idParams.shape.id }),
    body: schema.webhookRequest,
    bodyLimitBytes: 65_536,
    responses: {
      204: { description: 'Noted' },
      400: { description: 'Malformed' },
      404: { description: 'No such gateway here' },
    },
    async handle({ params, body }, ctx) {
      if (params.gateway !== gateway.name) throw new NotFoundError('gateway', params.gateway)
      const ids = gateway.parseWebhook(ctx.headers, JSON.stringify(body)).filter((id) => schema.isId(id))
      if (ids.length > 0 && (await hurry(db, ids, now())) > 0) driver.nudge()
      return { status: 204 }
    },
  })

// Only a payment that waits for the gateway's word is hurried, and only to a question, so a forged hint is harmless.
async function hurry(db: Knex, ids: string[], now: Date): Promise<number> {
  return await Payment.query(db)
    .whereIn('id', ids)
    .where({ state: 'UNKNOWN', lease_owner: null })
    .where('next_attempt_at', '>', now)
    .patch({ next_attempt_at: now })
}
