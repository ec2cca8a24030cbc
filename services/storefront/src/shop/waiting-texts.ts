import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts about waiting lists: they come with the code that shows one, for what everybody loads has a limit. */
const en = {
  why: 'It is sold out. When a unit comes back, it is kept for who waits: two minutes for each, in order.',
  join: 'Wait for one',
  position: 'You are number {position} in line.',
  leave: 'Wait no more',
  yours: 'It is your turn: one is kept for you.',
  order: 'Order',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  why: '품절되었습니다. 취소된 상품이 나오면 대기 순서대로 2분 동안 확보해 드립니다.',
  join: '대기 신청',
  position: '대기 순번 {position}번입니다.',
  leave: '대기 취소',
  yours: '차례가 되었습니다. 상품 1개를 확보했습니다.',
  order: '주문하기',
}

/** A text about waiting lists in the visitor's language. */
export const waitingText = (key: keyof typeof en, values: Record<string, string | number> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
