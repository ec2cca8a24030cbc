import { afterRunning } from '@mytaek1/platform/running-time.ts'
import { Payment as api, Webhook } from '@portone/server-sdk'
import type {
  Hints,
  Known,
  Outcome,
  PaymentGateway,
  PaymentMethod,
  RefundOutcome,
  Returned,
  WindowRequest,
} from '../payment-gateway.ts'
import { portoneErrors, reasonOf } from './codes.ts'

const lateChargeMs = 60_000 // a confirmation that was sent and not answered
const pendingMs = 10 * 60_000 // a window is READY for ever; its PG charges what was allowed within seconds
const tokenMark = 'token:' // the instrument of a window whose payment is confirmed by us; others name their transaction

/** How to reach PortOne, and which of its channels pays. */
export interface PortoneOptions {
  name: string
  url: string
  secretKey: string
  webhookSecret: string
  storeId: string
  channelKey: string
  /** Where the Confirm hook is sent to. */
  confirmUrl: string
  timeoutMs: number
}

/**
 * PortOne V2, which opens many Korean PGs. Its window is opened by its script. With manual approval the window gives a token, which
 * `approve` confirms; with the Confirm process PortOne asks us before it charges, and the order is claimed then. The channel
 * has to have one of the two; money that came without either is given back where the order cannot be claimed.
 *
 * @see https://developers.portone.io/api/rest-v2
 */
export function portoneGateway(options: PortoneOptions): PaymentGateway {
  const { name, storeId, timeoutMs, webhookSecret } = options
  const client = api.PaymentClient({ secret: options.secretKey, baseUrl: options.url, storeId })
  const inTime = <T>(work: Promise<T>) => withDeadline(work, timeoutMs)
  const find = async (paymentId: string): Promise<Outcome> => {
    try {
      return outcomeOf(await inTime(client.getPayment({ paymentId })))
    } catch (error) {
      return typeOf(error) === 'PAYMENT_NOT_FOUND'
        ? { status: 'NOT_FOUND' }
        : { status: 'UNCLEAR', code: typeOf(error) }
    }
  }
  return {
    name,
    capabilities: { cardEntry: false, partialRefund: true, settlements: false, lateChargeMs, pendingMs },
    async begin(request) {
      const { paymentId, amount } = request
      try {
        // fixed before the window opens: what the browser says of it counts no more
        await inTime(client.preRegisterPayment({ paymentId, totalAmount: amount.amount, currency: currencyOf(amount) }))
      } catch {
        return { kind: 'unclear' }
      }
      return {
        kind: 'opened',
        next: { kind: 'sdk', sdk: 'portone', parameters: parametersOf(options, request) },
        reference: null,
      }
    },
    readReturn,
    async leave({ paymentId }: Known) {
      const now = await find(paymentId)
      return now.status === 'PENDING' ? { status: 'DECLINED', reason: 'buyer_left', code: 'LEFT' } : now
    },
    async approve({ paymentId, instrument, amount }) {
      if (instrument.kind !== 'hosted' || !instrument.value.startsWith(tokenMark)) return await find(paymentId)
      const paymentToken = instrument.value.slice(tokenMark.length)
      try {
        await inTime(
          client.confirmPayment({ paymentId, paymentToken, totalAmount: amount.amount, currency: currencyOf(amount) }),
        )
      } catch (error) {
        const now = await find(paymentId)
        if (now.status !== 'PENDING') return now
        const says = portoneErrors[typeOf(error)]?.approve
        return says === 'expired' ? { status: 'EXPIRED' } : { status: 'UNCLEAR', code: typeOf(error) }
      }
      return await find(paymentId)
    },
    find: ({ paymentId }) => find(paymentId),
    refund: (input) => refund(client, input, inTime),
    parseWebhook: (headers, rawBody) => hintsOf(webhookSecret, headers, rawBody),
    async *settlements() {
      // the PG behind a channel pays out, and PortOne's API reports its VAT only
    },
  }
}

type Client = ReturnType<typeof api.PaymentClient>
type Currency = Parameters<Client['preRegisterPayment']>[0]['currency']

const currencyOf = ({ currency }: { currency: string }): Currency => currency // an ISO code, which PortOne checks

const methodNames: Readonly<Record<PaymentMethod, string>> = {
  card: 'CARD',
  transfer: 'TRANSFER',
  mobile: 'MOBILE',
  easy_pay: 'EASY_PAY',
  virtual_account: 'VIRTUAL_ACCOUNT', // not offered
}

function parametersOf(
  { storeId, channelKey, confirmUrl }: PortoneOptions,
  { paymentId, amount, method, returnUrl }: WindowRequest,
): Record<string, string | number> {
  return {
    storeId,
    channelKey,
    paymentId,
    orderName: paymentId,
    totalAmount: amount.amount,
    currency: amount.currency,
    payMethod: methodNames[method],
    redirectUrl: returnUrl,
    confirmUrl,
  }
}

function readReturn(query: URLSearchParams): Returned {
  const code = query.get('code')
  if (code) return { kind: 'failed', reason: reasonOf(query.get('pgCode') ?? code) }
  const token = query.get('paymentToken')
  const instrument = token ? tokenMark + token : query.get('txId')
  if (!instrument) return { kind: 'failed', reason: 'buyer_left' }
  return { kind: 'authenticated', instrument, amount: undefined } // PortOne compares the amount with the registered one
}

function outcomeOf(payment: Awaited<ReturnType<Client['getPayment']>>): Outcome {
  if (!('id' in payment)) return { status: 'UNCLEAR', code: 'UNKNOWN_STATUS' }
  const { transactionId: reference, amount, currency } = payment
  switch (payment.status) {
    case 'PAID':
    case 'PARTIAL_CANCELLED':
    case 'CANCELLED':
      return { status: 'PAID', reference, amount: amount.total, currency, refunded: amount.cancelled }
    case 'FAILED':
      return {
        status: 'DECLINED',
        reason: reasonOf(payment.failure.pgCode),
        code: payment.failure.pgCode ?? 'FAILED',
      }
    case 'VIRTUAL_ACCOUNT_ISSUED':
      return { status: 'WAITING_DEPOSIT', reference, amount: amount.total, currency, account: undefined } // not asked for here
    case 'PAY_PENDING': // the PG has not said yet: nobody may call it left
      return { status: 'UNCLEAR', code: 'PAY_PENDING' }
    default:
      return { status: 'PENDING' }
  }
}

// A cancel has no key of its own: it is looked for by its reason, and made only on the balance that was seen without it.
async function refund(
  client: Client,
  { paymentId, amount, key, reason }: Parameters<PaymentGateway['refund']>[0],
  inTime: <T>(work: Promise<T>) => Promise<T>,
): Promise<RefundOutcome> {
  const named = `${reason} ${key}`
  try {
    const payment = await inTime(client.getPayment({ paymentId }))
    if (!('id' in payment)) return { status: 'UNCLEAR', code: 'UNKNOWN_STATUS' }
    const made = 'cancellations' in payment ? (payment.cancellations ?? []) : []
    const mine = made.find((each) => 'reason' in each && each.reason === named && each.status !== 'FAILED')
    const cancellation =
      mine ??
      (
        await inTime(
          client.cancelPayment({
            paymentId,
            amount: amount.amount,
            reason: named,
            currentCancellableAmount: payment.amount.total - payment.amount.cancelled,
          }),
        )
      ).cancellation
    if (cancellation.status === 'SUCCEEDED' && 'totalAmount' in cancellation) {
      return { status: 'REFUNDED', amount: cancellation.totalAmount }
    }
    return { status: cancellation.status === 'REQUESTED' ? 'LATER' : 'UNCLEAR', code: String(cancellation.status) }
  } catch (error) {
    const code = typeOf(error)
    const says = portoneErrors[code]?.refund
    return { status: says === 'refused' ? 'REFUSED' : says === 'later' ? 'LATER' : 'UNCLEAR', code }
  }
}

async function hintsOf(
  secret: string,
  headers: Record<string, string | string[] | undefined>,
  rawBody: string,
): Promise<Hints> {
  try {
    const hook = await Webhook.verify(secret, rawBody, headers)
    if (!('data' in hook) || !('paymentId' in hook.data)) return { changed: [] }
    const { paymentId } = hook.data
    return hook.type === 'Transaction.Confirm' ? { changed: [], confirm: paymentId } : { changed: [paymentId] }
  } catch {
    return 'forged'
  }
}

/** The type of an error of PortOne's API; what came otherwise, or not at all, is none. */
function typeOf(error: unknown): string {
  return error instanceof api.PaymentError && typeof error.data.type === 'string' ? error.data.type : 'NO_ANSWER'
}

// the SDK waits for ever
async function withDeadline<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = afterRunning(timeoutMs, () => reject(new Error('no answer in time')))
  work.catch(() => undefined) // it may fail after its time
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
