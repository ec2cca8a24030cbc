import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts of a show's report: they come with its code. */
const en = {
  title: 'Report',
  of: 'Report: {title}',
  sales: 'Sales',
  refunded: 'Refunded',
  shipping: 'Of it for shipping',
  discounts: 'Taken off by coupons',
  orders: 'Paid orders',
  buyers: 'Buyers',
  peak: 'Most viewers at once',
  conversion: 'Buyers per viewer',
  conversionHint: 'Buyers for each viewer of the fullest minute.',
  hearts: 'Hearts',
  minutes: 'Minute by minute',
  chart: 'Viewers as a line, paid orders as bars; the table below has the numbers.',
  table: 'As a table',
  minute: 'Time',
  viewers: 'Viewers',
  products: 'What sold',
  product: 'Product',
  units: 'Units',
  none: 'Nothing was paid yet.',
  chat: 'Save the chat (CSV)',
  chatHint: 'Kept for a day after the last message. Names and words, nobody’s address.',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  title: '방송 결과',
  of: '방송 결과: {title}',
  sales: '결제 금액',
  refunded: '환불 금액',
  shipping: '그중 배송비',
  discounts: '쿠폰 할인',
  orders: '결제 주문',
  buyers: '구매자',
  peak: '최고 동시 시청자',
  conversion: '구매 전환율',
  conversionHint: '시청자가 가장 많았던 순간 대비 구매자 비율입니다.',
  hearts: '하트',
  minutes: '분 단위 흐름',
  chart: '선은 시청자, 막대는 결제 주문입니다. 숫자는 아래 표에 있습니다.',
  table: '표로 보기',
  minute: '시각',
  viewers: '시청자',
  products: '상품별 판매',
  product: '상품',
  units: '수량',
  none: '아직 결제된 주문이 없습니다.',
  chat: '채팅 저장 (CSV)',
  chatHint: '마지막 메시지 후 하루 동안 보관됩니다. 이름과 내용만 있고 연락처는 없습니다.',
}

/** A text of the report in the visitor's language. */
export const reportText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
