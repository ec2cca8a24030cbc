import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts about timed deals: they come with the code that shows one, for what everybody loads has a limit. */
const en = {
  price: 'Deal price',
  left: '{count} left at this price',
  gone: 'All sold at the deal price',
  'desk.title': 'Timed deals',
  'desk.why':
    'For some minutes, so many units of a product, with all its options, cost less. Viewers see the price and the time.',
  'desk.product': 'Product',
  'desk.off': 'Won off each',
  'desk.units': 'Units',
  'desk.perBuyer': 'At most, for one buyer (may stay empty)',
  'desk.time': 'For',
  'desk.seconds': '{count} seconds',
  'desk.minutes': '{count} min',
  'desk.start': 'Start the deal',
  'desk.end': 'End now',
  'desk.sold': '{sold} of {units} sold',
  'desk.over': 'ended',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  price: '특가',
  left: '특가 {count}개 남음',
  gone: '특가 수량 소진',
  'desk.title': '타임 특가',
  'desk.why': '정한 시간 동안 정한 수량만 옵션 전체를 할인합니다. 시청자에게 특가와 남은 시간이 보입니다.',
  'desk.product': '상품',
  'desk.off': '개당 할인 금액 (원)',
  'desk.units': '수량',
  'desk.perBuyer': '1인당 최대 수량 (비워 두면 제한 없음)',
  'desk.time': '시간',
  'desk.seconds': '{count}초',
  'desk.minutes': '{count}분',
  'desk.start': '특가 시작',
  'desk.end': '지금 종료',
  'desk.sold': '{units}개 중 {sold}개 판매',
  'desk.over': '종료됨',
}

/** A text about deals in the visitor's language. */
export const dealText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
