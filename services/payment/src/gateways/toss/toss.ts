import type { Money } from '@mytaek1/contracts/money.ts'
import { callHttp } from '@mytaek1/platform/http-call.ts'
import type {
  DepositAccount,
  Instrument,
  Outcome,
  PaymentGateway,
  PaymentMethod,
  RefundOutcome,
  Returned,
  SettlementLine,
} from '../payment-gateway.ts'
import { classify, type CodeClass } from './codes.ts'
import { errorShape, paymentShape, settlementShape, webhookShape, type TossPayment } from './shapes.ts'

const confirmWindowMs = 10 * 60_000 // a payment that was not confirmed by then is EXPIRED
const settlementPage = 100

/** How to reach Toss Payments, or what speaks as it does. */
export interface TossOptions {
  name: string
  url: string
  secretKey: string
  timeoutMs: number
  /** Cards are entered on our page (`/v1/payments/key-in`, which needs a contract of its own). */
  keyIn: boolean
  /** Of virtual accounts; absent: none are issued. */
  deposits?: { hours: number; live: boolean; bank: string }
  /** The network itself refuses a charge after `chargeBy`; Toss's key-in does not. */
  lateChargeMs?: number
}

/**
 * Toss Payments: the window gives a `paymentKey`, which is confirmed within ten minutes; our payment id is its `orderId`.
 * Webhooks are hints: they are not signed, and a deposit's may even go back.
 *
 * @see https://docs.tosspayments.com/reference
 */
export function tossGateway(options: TossOptions): PaymentGateway {
  const { name, keyIn, deposits, lateChargeMs = confirmWindowMs } = options
  const call = (method: string, path: string, rest: { body?: unknown; headers?: Record<string, string> } = {}) =>
    send(options, method, path, rest)
  const asked = async (answer: Promise<Answer>): Promise<Outcome> => outcomeOf(await answer)
  return {
    name,
    capabilities: {
      cardEntry: keyIn,
      partialRefund: true,
      settlements: true,
      lateChargeMs,
      ...(deposits && { deposits: { hours: deposits.hours, live: deposits.live } }),
    },
    async begin({ paymentId, amount, method, returnUrl }) {
      const urls = { successUrl: returnUrl, failUrl: returnUrl }
      const body = {
        method: methodNames[method],
        orderId: paymentId,
        orderName: paymentId,
        ...amountFields(amount),
        ...urls,
      }
      const answer = await call('POST', '/v1/payments', { body, headers: { 'idempotency-key': `${paymentId}:begin` } })
      const url = 'payment' in answer ? answer.payment.checkout?.url : undefined
      return url === undefined
        ? { kind: 'unclear' }
        : { kind: 'opened', next: { kind: 'redirect', url }, reference: null }
    },
    readReturn,
    // nothing is held, and a window is confirmed by us alone: given up is enough; an account is closed
    async leave({ paymentId }) {
      const outcome = await asked(call('GET', `/v1/payments/orders/${encodeURIComponent(paymentId)}`))
      if (outcome.status === 'WAITING_DEPOSIT') {
        const path = `/v1/payments/${encodeURIComponent(outcome.reference)}/cancel`
        const headers = { 'idempotency-key': `${paymentId}:leave` }
        const closed = await call('POST', path, { body: { cancelReason: 'not wanted' }, headers })
        if ('code' in closed) return { status: 'UNCLEAR', code: closed.code } // paid in meanwhile, perhaps
        return { status: 'DECLINED', reason: 'buyer_left', code: 'PAY_PROCESS_CANCELED' }
      }
      return outcome.status === 'PENDING'
        ? { status: 'DECLINED', reason: 'buyer_left', code: 'PAY_PROCESS_CANCELED' }
        : outcome
    },
    async approve({ paymentId, instrument, amount, chargeBy }) {
      const headers = { 'idempotency-key': `${paymentId}:approve`, 'x-charge-by': chargeBy.toISOString() }
      const [path, body] = approvalOf(paymentId, instrument, amount, deposits)
      const answer = await call('POST', path, { body, headers })
      const said = outcomeOf(answer)
      const isDone = 'code' in answer && alreadyDone.has(answer.code) // maybe by this very request
      // a repeated confirmation is answered as the first one was: how the payment stands only a question tells
      if (!isDone && (instrument.kind !== 'hosted' || said.status !== 'UNCLEAR')) return said
      const now = await asked(call('GET', `/v1/payments/orders/${encodeURIComponent(paymentId)}`))
      return isDone || ['PAID', 'DECLINED', 'EXPIRED'].includes(now.status) ? now : said
    },
    find: ({ paymentId }) => asked(call('GET', `/v1/payments/orders/${encodeURIComponent(paymentId)}`)),
    async refund({ reference, amount, key, reason, account }) {
      const body = {
        cancelReason: reason,
        cancelAmount: amount.amount,
        currency: amount.currency,
        ...(account && {
          refundReceiveAccount: { bank: account.bank, accountNumber: account.number, holderName: account.holder },
        }),
      }
      const path = `/v1/payments/${encodeURIComponent(reference)}/cancel`
      return refundOutcomeOf(await call('POST', path, { body, headers: { 'idempotency-key': key } }), amount)
    },
    async parseWebhook(_headers, rawBody) {
      const parsed = webhookShape.safeParse(jsonOf(rawBody))
      return { changed: parsed.success ? [parsed.data] : [] }
    },
    settlements: (day) => settlementLines(options, day),
  }
}

const methodNames: Readonly<Record<PaymentMethod, string>> = {
  card: 'CARD',
  transfer: 'TRANSFER',
  mobile: 'MOBILE_PHONE',
  easy_pay: 'CARD', // its window of cards has the easy pays
  virtual_account: 'VIRTUAL_ACCOUNT', // issued without a window
}

// `message` is anybody's text on our domain, and is not read; neither is a code that only a query could vouch for.
function readReturn(query: URLSearchParams): Returned {
  const instrument = query.get('paymentKey')
  const amount = Number(query.get('amount') ?? Number.NaN)
  if (instrument !== null) return { kind: 'authenticated', instrument, amount }
  const says = classify(query.get('code') ?? '', 400)
  return { kind: 'failed', reason: says.class === 'decline' ? says.reason : 'card_declined' }
}

const alreadyDone = new Set(['ALREADY_PROCESSED_PAYMENT', 'DUPLICATED_ORDER_ID'])

const amountFields = ({ amount, currency }: Money) => ({ amount, currency })

function approvalOf(
  paymentId: string,
  instrument: Instrument,
  amount: Money,
  deposits: TossOptions['deposits'],
): [path: string, body: object] {
  if (instrument.kind === 'deposit') {
    const { bank, hours: validHours } = deposits ?? {}
    const names = { orderName: paymentId, customerName: paymentId.slice(-12) } // who pays in is the bank's to know
    return ['/v1/virtual-accounts', { orderId: paymentId, ...names, ...amountFields(amount), bank, validHours }]
  }
  if (instrument.kind === 'hosted') {
    return ['/v1/payments/confirm', { paymentKey: instrument.value, orderId: paymentId, amount: amount.amount }]
  }
  const { number, expiryMonth, expiryYear, cvc } = instrument.card
  const card = {
    cardNumber: number,
    cardExpirationYear: `${expiryYear % 100}`.padStart(2, '0'),
    cardExpirationMonth: `${expiryMonth}`.padStart(2, '0'),
    cardValidationCode: cvc,
  }
  return ['/v1/payments/key-in', { orderId: paymentId, orderName: paymentId, ...amountFields(amount), ...card }]
}

type Answer = { payment: TossPayment } | { code: string; httpStatus: number }

function outcomeOf(answer: Answer): Outcome {
  if ('code' in answer) {
    if (answer.httpStatus === 404 && answer.code === 'NOT_FOUND_PAYMENT') return { status: 'NOT_FOUND' }
    const says = classify(answer.code, answer.httpStatus)
    if (says.class !== 'decline') return { status: 'UNCLEAR', code: answer.code }
    if (says.reason === 'expired') return { status: 'EXPIRED' }
    return { status: 'DECLINED', reason: says.reason, code: answer.code }
  }
  const {
    status,
    paymentKey: reference,
    totalAmount: amount,
    balanceAmount,
    currency,
    failure,
    virtualAccount,
  } = answer.payment
  switch (status) {
    case 'DONE':
    case 'PARTIAL_CANCELED':
    case 'CANCELED':
      return { status: 'PAID', reference, amount, currency, refunded: amount - balanceAmount }
    case 'WAITING_FOR_DEPOSIT':
      return { status: 'WAITING_DEPOSIT', reference, amount, currency, account: accountOf(virtualAccount) }
    case 'READY':
    case 'IN_PROGRESS':
      return { status: 'PENDING' }
    case 'EXPIRED':
      return { status: 'EXPIRED' }
    case 'ABORTED': {
      const says = classify(failure?.code ?? '', 400)
      const reason = says.class === 'decline' ? says.reason : 'card_declined'
      return { status: 'DECLINED', reason, code: failure?.code ?? 'ABORTED' }
    }
  }
}

function accountOf(issued: TossPayment['virtualAccount']): DepositAccount | undefined {
  if (!issued) return undefined
  const { accountNumber: number, bankCode, bank, dueDate } = issued
  const until = new Date(/[Z+]|-\d\d:\d\d$/.test(dueDate.slice(10)) ? dueDate : `${dueDate}+09:00`) // Korea's, without a zone
  return Number.isNaN(until.getTime()) ? undefined : { bank: bankCode ?? bank ?? '', number, until }
}

const refundStatuses: Partial<Record<CodeClass['class'], 'REFUSED' | 'LATER' | 'WRONG_ACCOUNT'>> = {
  refused: 'REFUSED',
  later: 'LATER',
  account: 'WRONG_ACCOUNT',
}

function refundOutcomeOf(answer: Answer, { amount }: Money): RefundOutcome {
  if ('code' in answer) {
    const says = classify(answer.code, answer.httpStatus)
    return { status: refundStatuses[says.class] ?? 'UNCLEAR', code: answer.code }
  }
  const last = answer.payment.cancels?.at(-1)
  if (last?.cancelStatus !== 'DONE') return { status: 'UNCLEAR', code: 'NO_CANCEL' }
  return last.cancelAmount === amount ? { status: 'REFUNDED', amount } : { status: 'UNCLEAR', code: 'OTHER_AMOUNT' }
}

async function send(
  options: TossOptions,
  method: string,
  path: string,
  { body, headers }: { body?: unknown; headers?: Record<string, string> },
): Promise<Answer> {
  try {
    const { status, content } = await exchange(options, method, path, body, headers)
    if (status === 200) return { payment: paymentShape.parse(content) }
    return { code: errorShape.parse(content).code, httpStatus: status }
  } catch {
    return { code: 'NO_ANSWER', httpStatus: 504 } // late, cut or senseless; what was thrown may quote the card
  }
}

async function exchange(
  { url, secretKey, timeoutMs }: TossOptions,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<{ status: number; content: unknown }> {
  const answer = await callHttp({
    method,
    url: new URL(path, url),
    timeoutMs,
    headers: {
      authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`,
      'accept-language': 'en-US',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  return { status: answer.status, content: await answer.json() }
}

async function* settlementLines(options: TossOptions, day: string): AsyncGenerator<SettlementLine> {
  for (let page = 1; ; page += 1) {
    const query = new URLSearchParams({ startDate: day, endDate: day, page: `${page}`, size: `${settlementPage}` })
    const { status, content } = await exchange(options, 'GET', `/v1/settlements?dateType=soldDate&${query.toString()}`)
    if (status !== 200) throw new Error(`settlements of ${day} answered ${status}`)
    const rows = settlementShape.parse(content)
    for (const { paymentKey: reference, orderId: paymentId, amount, currency, fee, payOutAmount: payout } of rows) {
      yield { reference, paymentId, amount, currency, gross: amount, fee, payout, payoutCurrency: currency }
    }
    if (rows.length < settlementPage) return
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
