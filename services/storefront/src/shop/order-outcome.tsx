import type { Order } from '../api/model.ts'
import type { MessageKey } from '../i18n/messages-en.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Icon } from '../ui/icon.tsx'
import type { Checkout } from './checkout-flow.ts'

type Why = Extract<Checkout, { step: 'ended' }>['why']

const texts: Readonly<Record<Why, MessageKey>> = Object.freeze({
  paid: 'checkout.paid',
  declined: 'checkout.released',
  expired: 'checkout.expired',
  canceled: 'checkout.canceled',
  refunded: 'checkout.refunded',
})

/** How a purchase ended, and the way on. */
export function OrderOutcome({
  order,
  why,
  reason,
  onAgain,
  onClose,
}: {
  order: Order
  why: Why
  reason: string | undefined
  /** Undefined: it cannot be ordered again from here. */
  onAgain: (() => void) | undefined
  onClose: () => void
}) {
  const paid = why === 'paid'
  return (
    <div class="stack">
      <div
        role="status"
        class={`outcome ${paid ? 'outcome-good' : 'outcome-bad'}`}
        data-testid={testIds.orderState}
        data-state={order.state}
        data-order-id={order.id}
      >
        {paid && <Icon name="check" />}
        <p>{t(texts[why])}</p>
        {reason !== undefined && <p class="small">{declineText(reason)}</p>}
        {paid && <p class="muted small">{t('checkout.paidDetail', { order: order.id })}</p>}
      </div>
      <div class="row row-even">
        {onAgain && (
          <button type="button" class={`button ${paid ? '' : 'button-primary'}`} onClick={onAgain}>
            {t('checkout.again')}
          </button>
        )}
        <button type="button" class={`button ${paid || !onAgain ? 'button-primary' : ''}`} onClick={onClose}>
          {t('checkout.keepWatching')}
        </button>
      </div>
    </div>
  )
}

// Codes that card networks give to cardholders; others say nothing that helps.
const declines: Readonly<Record<string, MessageKey>> = Object.freeze({
  insufficient_funds: 'decline.insufficient_funds',
  expired_card: 'decline.expired_card',
  incorrect_cvc: 'decline.incorrect_cvc',
})

/** Why a card was declined, as its holder should read it. */
export const declineText = (reason: string) => t(declines[reason] ?? 'decline.other')
