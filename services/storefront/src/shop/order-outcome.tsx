import { declineReasons } from '@mytaek1/contracts/decline-reasons.ts'
import type { Order } from '../api/model.ts'
import type { MessageKey } from '../i18n/messages-en.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Icon } from '../ui/icon.tsx'
import type { Checkout } from './checkout-flow.ts'
import { orderNumber } from './order-name.ts'

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
        class={`outcome ${paid ? 'outcome-good' : 'outcome-bad'}`}
        data-testid={testIds.orderState}
        data-state={order.state}
        data-order-id={order.id}
      >
        {paid && <Icon name="check" />}
        <p>{outcomeText(why)}</p>
        {reason !== undefined && <p class="small">{declineText(reason)}</p>}
        {paid && <p class="muted small">{t('checkout.paidDetail', { order: orderNumber(order.id) })}</p>}
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

/** How a purchase ended, in words. */
export const outcomeText = (why: Why): string => t(texts[why])

/** Why a payment failed, as its buyer should read it. */
export function declineText(reason: string): string {
  const known: Readonly<Record<string, { en: string; ko: string }>> = declineReasons
  return (known[reason] ?? declineReasons.card_declined)[locale.value]
}
