import { internalOrderShape, type InternalOrder } from '@mytaek1/contracts/service-events.ts'
import { NotFoundError, UnavailableError } from '@mytaek1/platform/errors.ts'
import { signedFetch } from '@mytaek1/platform/service-signature.ts'

const timeoutMs = 3_000

/** Reads an order from commerce, which alone knows its price and whether its reservation lives. */
export type ReadOrder = (orderId: string) => Promise<InternalOrder>

/** @throws {NotFoundError} no such order. @throws {UnavailableError} commerce does not answer now. */
export function orderReader(options: { commerceUrl: string; serviceToken: string }): ReadOrder {
  return async (orderId) => {
    const url = `${options.commerceUrl}/internal/orders/${encodeURIComponent(orderId)}`
    try {
      const answer = await signedFetch({ serviceToken: options.serviceToken, method: 'GET', url, timeoutMs })
      if (answer.status === 404) {
        await answer.body?.cancel()
        throw new NotFoundError('order', orderId)
      }
      if (!answer.ok) throw new Error(`commerce answered ${answer.status}`)
      return internalOrderShape.parse(await answer.json())
    } catch (cause) {
      if (cause instanceof NotFoundError) throw cause
      throw new UnavailableError('The order cannot be read now; send the same request again', { cause })
    }
  }
}
