import type { WaitingPlace } from '../api/model.ts'
import { joinList, leaveList } from '../api/waiting.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { Countdown } from './countdown.tsx'
import { readPlaces } from './waiting-places.ts'
import { waitingText } from './waiting-texts.ts'

/** In place of the order of what is sold out: a place in line for it, and which; or the way to give it up. */
export function WaitingPanel({
  productId,
  variantId,
  place,
}: {
  productId: string
  variantId: string | undefined
  place: WaitingPlace | undefined
}) {
  const change = useAction(async (joins: boolean) => {
    try {
      await (joins ? joinList(productId, variantId) : leaveList(variantId ?? productId))
    } finally {
      await readPlaces() // it never rejects
    }
  })
  return (
    <div class="stack" data-testid={testIds.waiting} data-position={place?.position}>
      <p role="status">
        {place === undefined ? waitingText('why') : waitingText('position', { position: place.position })}
      </p>
      <ErrorNote error={change.error} testId={testIds.checkoutError} />
      <button
        type="button"
        class={place === undefined ? 'button button-primary button-large' : 'button'}
        disabled={change.busy}
        data-testid={place === undefined ? testIds.joinList : testIds.leaveList}
        onClick={() => change.run(place === undefined)}
      >
        {waitingText(place === undefined ? 'join' : 'leave')}
      </button>
    </div>
  )
}

/** That a unit is kept for the buyer, and for how long yet; over the button that orders it. */
export function OfferedUnit({ until }: { until: string }) {
  return (
    <div class="reserved" role="status" data-testid={testIds.offeredUnit}>
      <p>{waitingText('yours')}</p>
      <Countdown expiresAt={until} onOver={() => void readPlaces() /* never rejects */} />
    </div>
  )
}
