import { claimAnswerShape, type ClaimAnswer, type ClaimRequest } from '@mytaek1/contracts/service-events.ts'
import { internalOrderShape, type InternalOrder } from '@mytaek1/contracts/service-events.ts'
import { NotFoundError, UnavailableError } from '@mytaek1/platform/errors.ts'
import { signedFetch } from '@mytaek1/platform/service-signature.ts'

const timeoutMs = 3_000

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
      const url = `${commerceUrl}/internal/orders/${path}`
      const answer = await signedFetch({ serviceToken, method, url, body, timeoutMs })
      if (answer.ok) return await answer.json()
      await answer.body?.cancel()
      if (answer.status === 404 && method === 'GET') throw new NotFoundError('order', path)
      throw new Error(`commerce answered ${answer.status}`)
    } catch (cause) {
      if (cause instanceof NotFoundError) throw cause
      throw new UnavailableError('The order cannot be reached now; send the same request again', { cause })
    }
  }
  return {
    claim: async (orderId, request) =>
      claimAnswerShape.parse(await call('POST', `${encodeURIComponent(orderId)}/claims`, JSON.stringify(request))),
    read: async (orderId) => internalOrderShape.parse(await call('GET', encodeURIComponent(orderId))),
  }
}
