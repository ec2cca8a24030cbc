import {
  claimAnswerShape,
  claimAnswersShape,
  internalOrderShape,
  type ClaimAnswer,
  type ClaimRequest,
  type InternalOrder,
  type OrderClaim,
} from '@mytaek1/contracts/service-events.ts'
import { NotFoundError, UnavailableError } from '@mytaek1/platform/errors.ts'
import { Gather } from '@mytaek1/platform/gather.ts'
import { signedFetch } from '@mytaek1/platform/service-signature.ts'

const timeoutMs = 3_000
const unreachable = 'The order cannot be reached now; send the same request again'
const claimsAtOnce = 64
const claimRequests = 2
const contentStatus = new Set([400, 409, 413, 422, 500]) // what one order of many can cause; others tell of commerce itself

/** Commerce answered, and took the request for none of its orders; when they are many, one may be why. */
class NotTakenError extends UnavailableError {}

/** Commerce's doors for a payment. */
export interface Orders {
  /** Claims an order, or says why not; may be repeated. @throws {UnavailableError} no answer: whether it is claimed is not known. */
  claim(orderId: string, request: ClaimRequest): Promise<ClaimAnswer>
  /** @throws {NotFoundError} no such order. @throws {UnavailableError} no answer. */
  read(orderId: string): Promise<InternalOrder>
}

/** Speaks to commerce, which alone knows an order's price and whether its reservation lives. */
export function ordersOf(options: { commerceUrl: string; serviceToken: string }): Orders {
  const { commerceUrl, serviceToken } = options
  const call = async (method: 'GET' | 'POST', path: string, body?: string): Promise<unknown> => {
    try {
      const url = `${commerceUrl}/internal/${path}`
      const answer = await signedFetch({ serviceToken, method, url, body, timeoutMs })
      if (answer.ok) return await answer.json()
      if (answer.status === 404) throw new NotFoundError('order', path)
      const cause = new Error(`commerce answered ${answer.status}`)
      throw contentStatus.has(answer.status) ? new NotTakenError(unreachable, { cause }) : cause
    } catch (cause) {
      // not found, of a claim: this commerce has no such route
      if (cause instanceof NotFoundError || cause instanceof NotTakenError) throw cause
      throw new UnavailableError(unreachable, { cause })
    }
  }
  const claimOne = async ({ orderId, ...request }: OrderClaim): Promise<ClaimAnswer> => {
    const path = `orders/${encodeURIComponent(orderId)}/claims`
    return claimAnswerShape.parse(await call('POST', path, JSON.stringify(request)))
  }
  const claims = new Gather<OrderClaim, ClaimAnswer>({
    most: claimsAtOnce,
    lanes: claimRequests,
    isOfOne: (error) => error instanceof NotTakenError || !(error instanceof UnavailableError),
    work: async (batch) => {
      try {
        const { answers } = claimAnswersShape.parse(await call('POST', 'claims', JSON.stringify({ claims: batch })))
        if (answers.length !== batch.length) throw new Error('commerce answered another number of claims')
        return answers
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error
        return await Promise.all(batch.map(claimOne)) // a commerce of the version before
      }
    },
  })
  return {
    claim: (orderId, request) => claims.add({ orderId, ...request }),
    read: async (orderId) => internalOrderShape.parse(await call('GET', `orders/${encodeURIComponent(orderId)}`)),
  }
}
