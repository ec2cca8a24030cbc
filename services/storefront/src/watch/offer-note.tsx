import type { Product } from '../api/model.ts'
import { Countdown } from '../shop/countdown.tsx'
import { readPlaces, useWaitingPlaces } from '../shop/waiting-places.ts'
import { waitingText } from '../shop/waiting-texts.ts'
import { testIds } from '../testing/test-ids.ts'

/** What of the show is kept for the viewer who waited, and for how long yet: one press to the order. */
export function OfferNote({ products, onOpen }: { products: readonly Product[]; onOpen: (product: Product) => void }) {
  const offered = useWaitingPlaces().find(
    ({ productId, offeredUntil }) => offeredUntil !== null && products.some(({ id }) => id === productId),
  )
  const product = products.find(({ id }) => id === offered?.productId)
  const until = offered?.offeredUntil
  return (
    <>
      <span class="visually-hidden" role="status">
        {product && `${product.name}: ${waitingText('yours')}`}
      </span>
      {product && until && (
        <button type="button" class="held" data-testid={testIds.offerNote} onClick={() => onOpen(product)}>
          <span class="held-text">
            <span class="tag">{waitingText('yours')}</span>
            <span class="pinned-name">{product.name}</span>
          </span>
          <Countdown key={until} expiresAt={until} onOver={() => void readPlaces() /* never rejects */} />
          <span class="pinned-buy">{waitingText('order')}</span>
        </button>
      )}
    </>
  )
}
