import { useState } from 'preact/hooks'
import { createCoupon, endCoupon, listCoupons } from '../api/coupons.ts'
import type { Coupon, NewCoupon } from '../api/model.ts'
import { serverNow } from '../api/server-clock.ts'
import { couponText, describeCoupon } from '../shop/coupon-texts.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field } from '../ui/field.tsx'
import { readText } from '../ui/form-values.ts'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'

const dayMs = 86_400_000
const numbers = ['amount', 'percent', 'maxDiscount', 'minimum', 'total'] as const

/** A seller's coupons, or the platform's: what they take off, how often they were used, and a new one. */
export function CouponsSection({ isPlatform = false }: { isPlatform?: boolean }) {
  const coupons = useResource(() => listCoupons(isPlatform))
  return (
    <section class="panel stack" aria-labelledby="coupons-title">
      <h2 id="coupons-title">{couponText(isPlatform ? 'coupon.deskPlatform' : 'coupon.desk')}</h2>
      <p class="muted small">{couponText('coupon.deskWhy')}</p>
      <ErrorNote error={coupons.error} />
      {coupons.value?.length === 0 && <p class="muted">{couponText('coupon.deskNone')}</p>}
      <ul class="stack">
        {coupons.value?.map((coupon) => (
          <CouponRow key={coupon.id} coupon={coupon} onEnded={coupons.reload} />
        ))}
      </ul>
      <CouponForm isPlatform={isPlatform} onMade={coupons.reload} />
    </section>
  )
}

function CouponRow({ coupon, onEnded }: { coupon: Coupon; onEnded: () => void }) {
  const { id, isPlatform, name, code, used, total, endsAt } = coupon
  const end = useAction(async () => {
    await endCoupon(id, isPlatform)
    onEnded()
  })
  const isOver = Date.parse(endsAt) <= serverNow()
  return (
    <li class="row row-apart row-wrap" data-testid={testIds.coupon(id)}>
      <span>
        <b>{name}</b> {code} <span class="small">{describeCoupon(coupon)}</span>{' '}
        <span class="muted small">
          {total === null ? couponText('coupon.used', { used }) : couponText('coupon.usedOf', { used, total })}
        </span>
      </span>
      {isOver ? (
        <span class="muted small">{couponText('coupon.ended')}</span>
      ) : (
        <button type="button" class="button button-quiet" disabled={end.busy} onClick={() => end.run()}>
          {couponText('coupon.end')}
        </button>
      )}
      <ErrorNote error={end.error} />
    </li>
  )
}

function CouponForm({ isPlatform, onMade }: { isPlatform: boolean; onMade: () => void }) {
  const [backOnRefund, setBackOnRefund] = useState(false)
  const create = useAction(async (form: HTMLFormElement) => {
    await createCoupon({ ...couponOf(form), isPlatform, backOnRefund })
    form.reset()
    onMade()
  })
  return (
    <form
      class="stack"
      data-testid={testIds.couponForm}
      onSubmit={(event) => {
        event.preventDefault()
        create.run(event.currentTarget)
      }}
    >
      <Field
        label={couponText('coupon.form.name')}
        name="name"
        maxLength={100}
        required
        testId={testIds.couponField('name')}
      />
      <Field
        label={couponText('coupon.form.code')}
        name="code"
        maxLength={32}
        pattern="[0-9A-Za-z\-]{3,32}"
        testId={testIds.couponField('code')}
      />
      {numbers.map((name) => (
        <Field
          key={name}
          label={couponText(`coupon.form.${name}`)}
          name={name}
          inputMode="numeric"
          pattern="[0-9]{0,9}"
          testId={testIds.couponField(name)}
        />
      ))}
      <Field
        label={couponText('coupon.form.days')}
        name="days"
        inputMode="numeric"
        pattern="[1-9][0-9]{0,2}"
        defaultValue="7"
        required
        testId={testIds.couponField('days')}
      />
      <label class="row">
        <input
          type="checkbox"
          checked={backOnRefund}
          onChange={(event) => setBackOnRefund(event.currentTarget.checked)}
        />
        {couponText('coupon.backOnRefund')}
      </label>
      <ErrorNote error={create.error} testId={testIds.formError} />
      <button type="submit" class="button" disabled={create.busy}>
        {couponText('coupon.create')}
      </button>
    </form>
  )
}

function couponOf(form: HTMLFormElement): Omit<NewCoupon, 'isPlatform' | 'backOnRefund'> {
  const number = (name: string) => (readText(form, name) === '' ? null : Number(readText(form, name)))
  const won = (name: string) => {
    const amount = number(name)
    return amount === null ? null : { amount, currency: 'KRW' }
  }
  const now = serverNow()
  const code = readText(form, 'code').trim()
  return {
    name: readText(form, 'name'),
    code: code === '' ? null : code,
    minimum: won('minimum') ?? { amount: 0, currency: 'KRW' },
    amount: won('amount'),
    percent: number('percent'),
    maxDiscount: won('maxDiscount'),
    total: number('total'),
    startsAt: new Date(now).toISOString(),
    endsAt: new Date(now + (number('days') ?? 7) * dayMs).toISOString(),
  }
}
