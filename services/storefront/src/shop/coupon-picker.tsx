import { useId } from 'preact/hooks'
import { listShownCoupons } from '../api/coupons.ts'
import type { CouponNamed } from '../api/model.ts'
import { testIds } from '../testing/test-ids.ts'
import { readText } from '../ui/form-values.ts'
import { useResource } from '../ui/use-resource.ts'
import { couponText, describeCoupon } from './coupon-texts.ts'

/** Chooses a coupon for an order: one that everybody is shown, or by its code. */
export function CouponPicker({
  sellerId,
  chosen,
  disabled,
  onChoose,
}: {
  sellerId: string
  chosen: CouponNamed | undefined
  disabled: boolean
  onChoose: (coupon: CouponNamed | undefined) => void
}) {
  const id = useId()
  const shown = useResource((signal) => listShownCoupons(sellerId, signal), { key: sellerId })
  const code = chosen && 'code' in chosen ? chosen.code : undefined
  return (
    <details class="coupons" data-testid={testIds.coupons} open={chosen !== undefined}>
      <summary>{couponText('coupon.title')}</summary>
      <div class="stack">
        <label for={`${id}-coupon`}>{couponText('coupon.title')}</label>
        <select
          id={`${id}-coupon`}
          disabled={disabled}
          data-testid={testIds.couponChoice}
          value={chosen && 'id' in chosen ? chosen.id : (code ?? '')}
          onChange={({ currentTarget: { value } }) => onChoose(value === '' ? undefined : { id: value })}
        >
          <option value="">{couponText('coupon.none')}</option>
          {code !== undefined && <option value={code}>{code}</option>}
          {shown.value?.map((coupon) => (
            <option key={coupon.id} value={coupon.id} disabled={coupon.isUsedUp}>
              {coupon.name} · {coupon.isUsedUp ? couponText('coupon.usedUp') : describeCoupon(coupon)}
            </option>
          ))}
        </select>
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault()
            const entered = readText(event.currentTarget, 'code').trim().toUpperCase()
            onChoose(entered === '' ? undefined : { code: entered })
          }}
        >
          <input
            name="code"
            aria-label={couponText('coupon.code')}
            placeholder={couponText('coupon.code')}
            maxLength={32}
            autocomplete="off"
            disabled={disabled}
            data-testid={testIds.couponCode}
          />
          <button type="submit" class="button" disabled={disabled} data-testid={testIds.couponApply}>
            {couponText('coupon.apply')}
          </button>
        </form>
      </div>
    </details>
  )
}
