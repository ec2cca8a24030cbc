import type { ShippingRule } from '../api/model.ts'
import { formatMoney } from '../i18n/format.ts'
import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts of what sending costs: they come with the pages that say it, for what everybody loads has a limit. */
const en = {
  'shipping.title': 'Shipping fee',
  'shipping.why': 'Taken of orders from now on; orders that were made keep theirs. In won.',
  'shipping.none': 'Free shipping',
  'shipping.fee': 'Shipping {amount}',
  'shipping.freeOver': 'free from {amount}',
  'shipping.remote': 'Jeju and islands {amount} more',
  'shipping.once': 'one fee for all orders of a show',
  'shipping.cap': '{amount} at most for all orders of a show',
  'shipping.goods': 'Goods',
  'shipping.row': 'Shipping',
  'shipping.rowRemote': 'Shipping (Jeju and islands)',
  'shipping.total': 'Total',
  'shipping.form.fee': 'Fee for an order',
  'shipping.form.freeOver': 'Free from (empty: never)',
  'shipping.form.remoteSurcharge': 'More for Jeju and islands',
  'shipping.form.showCap': 'At most for all orders of a show (empty: each order)',
  'shipping.save': 'Save',
  'shipping.saved': 'Saved',
  'shipping.refund': 'Give the shipping fee back, too (with the last units it always goes back)',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  'shipping.title': '배송비',
  'shipping.why': '지금부터 들어오는 주문에 적용됩니다. 이미 들어온 주문의 배송비는 바뀌지 않습니다. 단위는 원입니다.',
  'shipping.none': '무료배송',
  'shipping.fee': '배송비 {amount}',
  'shipping.freeOver': '{amount} 이상 무료',
  'shipping.remote': '제주·도서산간 {amount} 추가',
  'shipping.once': '한 방송의 모든 주문에 배송비 한 번',
  'shipping.cap': '한 방송의 모든 주문에 최대 {amount}',
  'shipping.goods': '상품 금액',
  'shipping.row': '배송비',
  'shipping.rowRemote': '배송비 (제주·도서산간)',
  'shipping.total': '합계',
  'shipping.form.fee': '주문당 배송비',
  'shipping.form.freeOver': '무료배송 기준 금액 (비우면 없음)',
  'shipping.form.remoteSurcharge': '제주·도서산간 추가 배송비',
  'shipping.form.showCap': '한 방송의 모든 주문에 받을 최대 배송비 (비우면 주문마다)',
  'shipping.save': '저장',
  'shipping.saved': '저장했습니다',
  'shipping.refund': '배송비도 환불 (마지막 상품이 반품되면 항상 함께 환불됩니다)',
}

/** A text about shipping in the visitor's language. */
export const shippingText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)

/** A seller's rule in words. */
export function describeRule(rule: ShippingRule | null): string {
  if (rule === null) return shippingText('shipping.none')
  const { fee, freeOver, remoteSurcharge, showCap } = rule
  const amount = (money: typeof fee) => ({ amount: formatMoney(money, locale.value) })
  return [
    fee.amount === 0 ? shippingText('shipping.none') : shippingText('shipping.fee', amount(fee)),
    fee.amount > 0 && freeOver && shippingText('shipping.freeOver', amount(freeOver)),
    remoteSurcharge.amount > 0 && shippingText('shipping.remote', amount(remoteSurcharge)),
    fee.amount > 0 &&
      showCap &&
      (showCap.amount === fee.amount ? shippingText('shipping.once') : shippingText('shipping.cap', amount(showCap))),
  ]
    .filter((text) => typeof text === 'string')
    .join(' · ')
}
