import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts of the tray at the desk: they come with its code. */
const en = {
  pins: 'Up to three are pinned; the first is shown first.',
  up: 'Up: {name}',
  down: 'Down: {name}',
  hide: 'Hide from viewers: {name}',
  hidden: 'hidden',
  add: 'Add a product',
  addSend: 'Add',
  change: 'Pin, move, hide',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  pins: '최대 3개까지 고정됩니다. 첫 번째가 먼저 보입니다.',
  up: '위로: {name}',
  down: '아래로: {name}',
  hide: '시청자에게 숨기기: {name}',
  hidden: '숨김',
  add: '상품 추가',
  addSend: '추가',
  change: '고정, 순서, 숨김',
}

/** A text of the tray in the visitor's language. */
export const trayText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
