import type { ShownCoupon } from '../api/model.ts'
import { formatMoney, formatTime } from '../i18n/format.ts'
import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts about coupons: they come with the pages that show some, for what everybody loads has a limit. */
const en = {
  'coupon.title': 'Coupon',
  'coupon.none': 'No coupon',
  'coupon.code': 'Coupon code',
  'coupon.apply': 'Use the code',
  'coupon.off': '{amount} off',
  'coupon.upTo': '{percent}% off, up to {amount}',
  'coupon.percent': '{percent}% off',
  'coupon.from': 'from {amount}',
  'coupon.until': 'until {time}',
  'coupon.usedUp': 'used up',
  'coupon.row': 'Coupon',
  'coupon.desk': 'Coupons',
  'coupon.deskPlatform': 'Coupons of the platform',
  'coupon.deskWhy': 'For orders from now on, once for each buyer. In won.',
  'coupon.deskNone': 'No coupons yet.',
  'coupon.used': 'used {used}',
  'coupon.usedOf': 'used {used} of {total}',
  'coupon.end': 'End now',
  'coupon.ended': 'ended',
  'coupon.form.name': 'Name',
  'coupon.form.code': 'Code (empty: everybody sees it)',
  'coupon.form.amount': 'Won off (or a percentage)',
  'coupon.form.percent': 'Percent off',
  'coupon.form.maxDiscount': 'Of a percentage: at most (empty: no bound)',
  'coupon.form.minimum': 'Goods of at least',
  'coupon.form.total': 'How often in all (empty: no bound)',
  'coupon.form.days': 'For how many days',
  'coupon.backOnRefund': 'Who gets a whole refund may use it again',
  'coupon.create': 'Make it known',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  'coupon.title': '쿠폰',
  'coupon.none': '쿠폰 사용 안 함',
  'coupon.code': '쿠폰 코드',
  'coupon.apply': '코드 적용',
  'coupon.off': '{amount} 할인',
  'coupon.upTo': '{percent}% 할인 (최대 {amount})',
  'coupon.percent': '{percent}% 할인',
  'coupon.from': '{amount} 이상 구매 시',
  'coupon.until': '{time}까지',
  'coupon.usedUp': '모두 소진',
  'coupon.row': '쿠폰 할인',
  'coupon.desk': '쿠폰',
  'coupon.deskPlatform': '플랫폼 쿠폰',
  'coupon.deskWhy': '지금부터 들어오는 주문에 구매자마다 한 번 쓸 수 있습니다. 단위는 원입니다.',
  'coupon.deskNone': '아직 쿠폰이 없습니다.',
  'coupon.used': '{used}번 사용',
  'coupon.usedOf': '{total}번 중 {used}번 사용',
  'coupon.end': '지금 종료',
  'coupon.ended': '종료됨',
  'coupon.form.name': '쿠폰 이름',
  'coupon.form.code': '코드 (비우면 모두에게 표시)',
  'coupon.form.amount': '할인 금액 (또는 할인율)',
  'coupon.form.percent': '할인율 (%)',
  'coupon.form.maxDiscount': '할인율일 때 최대 할인 금액 (비우면 없음)',
  'coupon.form.minimum': '최소 주문 금액',
  'coupon.form.total': '전체 사용 횟수 (비우면 무제한)',
  'coupon.form.days': '사용 기간 (일)',
  'coupon.backOnRefund': '전액 환불되면 다시 쓸 수 있게 하기',
  'coupon.create': '쿠폰 만들기',
}

/** A text about coupons in the visitor's language. */
export const couponText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)

/** What a coupon takes off, and of what. */
export function describeCoupon(coupon: Pick<ShownCoupon, 'amount' | 'percent' | 'maxDiscount' | 'minimum' | 'endsAt'>) {
  const { amount, percent, maxDiscount, minimum, endsAt } = coupon
  const money = (of: typeof minimum) => ({ amount: formatMoney(of, locale.value) })
  const off =
    amount !== null
      ? couponText('coupon.off', money(amount))
      : maxDiscount !== null
        ? couponText('coupon.upTo', { percent: percent ?? 0, ...money(maxDiscount) })
        : couponText('coupon.percent', { percent: percent ?? 0 })
  const from = minimum.amount > 0 ? [couponText('coupon.from', money(minimum))] : []
  return [off, ...from, couponText('coupon.until', { time: formatTime(endsAt, locale.value) })].join(' · ')
}
