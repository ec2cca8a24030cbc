import { z } from 'zod'
import { ForbiddenError, InvalidRequestError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { readJsonText } from '@mytaek1/platform/json-body.ts'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { isExpired, summarize } from '../cards/card.ts'
import { allowCharge } from './allow-charge.ts'
import { giveUpDeposit, noteRefundAccount } from './deposits.ts'
import type { Hints } from './hints.ts'
import { Refund } from './payment.ts'
import { requestPayment, type RequestPaymentDeps } from './request-payment.ts'
import { findPayment, listPayments, mayRefund, returnedAmounts, type PaymentReads } from './queries.ts'
import { requestRefund } from './refund.ts'
import * as schema from './schema.ts'
import { returnFromWindow } from './window.ts'

const webhookLimitBytes = 65_536

const refundsMax = 500 // of one payment; gateways allow one a second

/** Collaborators of the routes. */
export interface PaymentRouteDeps extends RequestPaymentDeps {
  hints: Hints
  reads: PaymentReads
}

/**
 * The payment API's operations.
 *
 * @param cardEntry whether a gateway takes cards from our own page; without one the API has no word of cards
 */
export function paymentEndpoints(deps: PaymentRouteDeps, cardEntry: boolean): Endpoint[] {
  return [
    ...(cardEntry ? [createCardToken(deps)] : []),
    listMethods(deps),
    createPayment(deps, cardEntry),
    comeBack(deps),
    listOwnPayments(deps),
    readPayment(deps),
    cancelDeposit(deps),
    tellRefundAccount(deps),
    createRefund(deps),
    readRefunds(deps),
    receiveWebhook(deps),
  ]
}

const createCardToken = ({ tokens, limits, now }: PaymentRouteDeps) =>
  endpoint({
    method: 'post',
    path: '/card-tokens',
    summary: 'Turn a card into a token for one payment',
    access: 'account',
    body: schema.cardTokenRequest,
    bodyLimitBytes: 2_048,
    responses: {
      201: { description: 'The token; it is good once and until expiresAt', schema: schema.cardTokenAnswer },
      400: { description: '`invalid_request`: not a card, or one that has expired' },
      401: { description: '`unauthenticated`: not signed in' },
      429: { description: '`rate_limited` or, where cards were declined too often, `too_many_declines`' },
    },
    async handle({ body, caller }, ctx) {
      await limits.enter({ accountId: caller.sub, address: ctx.ip, cardNumber: body.number })
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

const listMethods = ({ gateways }: PaymentRouteDeps) =>
  endpoint({
    method: 'get',
    path: '/payment-methods',
    summary: 'How a price in a currency may be paid, the preferred first',
    access: 'public',
    query: schema.methodsQuery,
    responses: {
      200: { description: 'Each method once; none where no gateway takes it', schema: schema.methodsAnswer },
    },
    handle: ({ query }) => ({
      status: 200,
      body: { items: gateways.offers(query.currency, query.live) },
      headers: { 'cache-control': 'public, max-age=60' },
    }),
  })

const createPayment = (deps: PaymentRouteDeps, cardEntry: boolean) =>
  endpoint({
    method: 'post',
    path: '/payments',
    summary: 'Pay a reserved order; processed after the answer, or in the window that `next` leads to',
    access: 'account',
    headers: schema.idempotencyHeaders,
    body: schema.paymentRequest(cardEntry),
    responses: {
      202: {
        description: 'Accepted; its state is at /payments/{id}, and `next` says where the browser goes now',
        schema: schema.paymentAnswer,
      },
      400: {
        description: `\`invalid_request\`: malformed, or a method that is not offered; \`idempotency_key_missing\`${cardEntry ? '; `card_token_invalid`' : ''}`,
      },
      401: { description: '`unauthenticated`: not signed in' },
      404: { description: '`not_found`: no such order of this buyer' },
      409: {
        description: `\`order_not_payable\`, \`payment_exists\`${cardEntry ? ', `card_token_used`' : ''}`,
      },
      422: { description: '`idempotency_key_reused`: with another request' },
      429: { description: '`too_many_declines`: no card is taken for a while' },
      503: { description: '`payments_busy`, `gateway_unavailable` and others: send the same request again later' },
    },
    async handle({ body, headers, caller }, ctx) {
      const payment = await requestPayment(deps, {
        address: ctx.ip,
        orderId: body.orderId,
        cardToken: body.cardToken,
        method: body.method,
        buyerId: caller.sub,
        idempotencyKey: headers['idempotency-key'],
      })
      return {
        status: 202,
        body: schema.presentPayment(payment, caller.sub),
        headers: { location: `/api/payment/v1/payments/${payment.id}` },
      }
    },
  })

const comeBack = (deps: PaymentRouteDeps) =>
  endpoint({
    method: 'get',
    path: '/payments/{id}/returns/{token}',
    summary: 'Where a gateway’s window leads the browser back to, with what the gateway appends; any number of times',
    access: 'public', // by the token: whoever paid in another application may have no session here
    params: schema.returnParams,
    responses: {
      303: { description: 'To the page that tells how the payment stands' },
      404: { description: '`not_found`: no such window' },
    },
    async handle({ params }, ctx) {
      await returnFromWindow(deps, {
        paymentId: params.id,
        token: params.token,
        query: new URLSearchParams(ctx.querystring),
      })
      deps.driver.nudge()
      return {
        status: 303,
        headers: {
          location: `${deps.publicUrl}/pay/${params.id}`,
          'cache-control': 'no-store',
          'referrer-policy': 'no-referrer',
        },
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
      401: { description: '`unauthenticated`: not signed in' },
      403: { description: '`forbidden`: not an admin' },
    },
    async handle({ query, caller }) {
      if (query.as === 'admin' && caller.role !== 'admin') throw new ForbiddenError('Only an admin lists all payments')
      const { payments, nextCursor } = await listPayments(db, caller, query)
      const returned = await returnedAmounts(
        db,
        payments.map(({ id }) => id),
      )
      const items = payments.map((payment) => schema.presentPayment(payment, caller.sub, returned.get(payment.id)))
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
      401: { description: '`unauthenticated`: not signed in' },
      404: { description: '`not_found`: no such payment of this caller' },
    },
    async handle({ params, caller }) {
      const payment = await findPayment(deps, params.id, caller)
      const returned = payment.refunded_amount === 0 ? undefined : await returnedAmounts(deps.db, [payment.id])
      return {
        status: 200,
        body: schema.presentPayment(payment, caller.sub, returned?.get(payment.id)),
        headers: { 'cache-control': 'no-store' },
      }
    },
  })

const cancelDeposit = (deps: PaymentRouteDeps) =>
  endpoint({
    method: 'post',
    path: '/payments/{id}/cancellations',
    summary:
      'Its buyer will not pay in any more: the account is closed and the reservation is free for another way to pay',
    access: 'account',
    params: schema.idParams,
    responses: {
      202: { description: 'Accepted; what was paid in meanwhile pays', schema: schema.paymentAnswer },
      401: { description: 'Not signed in' },
      404: { description: 'No such payment of this buyer' },
      409: { description: '`no_deposit`: it waits for none' },
    },
    async handle({ params, caller }) {
      const payment = await giveUpDeposit(deps, { id: params.id, buyerId: caller.sub })
      deps.driver.nudge()
      return { status: 202, body: schema.presentPayment(payment, caller.sub) }
    },
  })

const tellRefundAccount = (deps: PaymentRouteDeps) =>
  endpoint({
    method: 'put',
    path: '/payments/{id}/refund-account',
    summary: 'On which account its buyer gets back what was paid into a virtual one; kept until all of it went back',
    access: 'account',
    params: schema.idParams,
    body: schema.refundAccountRequest,
    responses: {
      204: { description: 'Noted; what is owed goes there now' },
      400: { description: 'Malformed' },
      401: { description: 'Not signed in' },
      404: { description: 'No such payment of this buyer' },
      409: {
        description:
          '`no_deposit`: it was not paid into a virtual account; `refund_account_told`: money is on its way to the account that was told',
      },
    },
    async handle({ params, body, caller }) {
      await noteRefundAccount(deps, { id: params.id, buyerId: caller.sub, account: body })
      deps.driver.nudge()
      return { status: 204 }
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
      400: { description: '`invalid_request`: malformed; `idempotency_key_missing`' },
      401: { description: '`unauthenticated`: not signed in' },
      404: { description: '`not_found`: no such payment that the caller may refund' },
      409: { description: '`not_refundable`: nothing, or less, is left to refund' },
      422: { description: '`idempotency_key_reused`: with another request' },
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
      401: { description: '`unauthenticated`: not signed in' },
      404: { description: '`not_found`: no such payment of this caller' },
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

const receiveWebhook = ({ db, gateways, hints: changes, orders, publicUrl, now, log }: PaymentRouteDeps) =>
  endpoint({
    method: 'post',
    path: '/webhooks/{gateway}',
    summary: 'A gateway’s hint that payments changed: nothing in it is believed, the gateway is asked',
    access: 'public',
    params: z.object({ gateway: schema.idParams.shape.id }),
    streamedBody: ['application/json'],
    responses: {
      204: { description: 'Noted' },
      400: { description: '`invalid_request`: malformed, or not signed by the gateway' },
      404: { description: '`not_found`: no such gateway here' },
      409: { description: 'To a question whether it may charge: it may not' },
      408: { description: '`body_too_slow`' },
      413: { description: '`body_too_large`' },
      415: { description: '`unsupported_media_type`: JSON is taken' },
    },
    async handle({ params }, ctx) {
      const gateway = gateways.find(params.gateway)
      if (gateway === undefined) throw new NotFoundError('gateway', params.gateway)
      const hints = await gateway.parseWebhook(ctx.headers, await readJsonText(ctx, webhookLimitBytes))
      if (hints === 'forged') {
        log.warn('webhook.forged', { gateway: gateway.name })
        throw new InvalidRequestError('The webhook is not signed by its gateway')
      }
      if (hints.confirm !== undefined) {
        await allowCharge({ db, gateways, orders, publicUrl, now }, { paymentId: hints.confirm, gateway: gateway.name })
      }
      const ids = hints.changed.filter((id) => schema.isId(id))
      await Promise.all(ids.map((paymentId) => changes.add({ paymentId, gateway: gateway.name })))
      return { status: 204 }
    },
  })
