import type { Order } from '../api/model.ts'
import { t } from '../i18n/translate.ts'
import { Countdown } from '../shop/countdown.tsx'
import { orderName } from '../shop/order-name.ts'
import { testIds } from '../testing/test-ids.ts'

/** What the viewer holds and has not paid for, and for how long yet: one press goes on with it. */
export function HeldNote({ order, onOpen, onOver }: { order: Order; onOpen: () => void; onOver: () => void }) {
  return (
    <button type="button" class="held" data-testid={testIds.heldOrder} data-order-id={order.id} onClick={onOpen}>
      <span class="held-text">
        <span class="tag">{order.expiresAt === null ? t('checkout.beingPaid') : t('checkout.held')}</span>
        <span class="pinned-name">{orderName(order)}</span>
      </span>
      {order.expiresAt !== null && <Countdown expiresAt={order.expiresAt} onOver={onOver} />}
      <span class="pinned-buy">{order.expiresAt === null ? t('checkout.look') : t('checkout.goOn')}</span>
    </button>
  )
}
