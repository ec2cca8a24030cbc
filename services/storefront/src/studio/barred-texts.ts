import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts about buyers of whom a seller takes no orders: they come with that page, for what everybody loads has a limit. */
const en = {
  'barred.intro': 'You take no orders from these accounts. Orders that there are stay.',
  'barred.none': 'Nobody is barred.',
  'barred.since': 'since {time}',
  'barred.admit': 'Take orders again',
  'barred.byOrder': 'Bar the buyer of an order',
  'barred.order': 'Order number',
  'barred.orderHint': 'As your sales show it: o_…',
  'barred.find': 'Find',
  'barred.notYours': 'No order of yours has this number.',
  'barred.bar': 'Bar {name}',
  'barred.fromChat': 'Bar somebody from the chat',
  'barred.chatName': 'Name in the chat of your last show',
  'barred.chatNone': 'Nobody of that name wrote lately.',
  'barred.noShow': 'After your first show, whoever wrote in its chat is found here.',
  'barred.warning': '{name} cannot order from you any more, and is told so when they try.',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  'barred.intro': '이 계정들의 주문은 받지 않습니다. 이미 받은 주문은 그대로 유지됩니다.',
  'barred.none': '차단한 구매자가 없습니다.',
  'barred.since': '{time}부터',
  'barred.admit': '차단 해제',
  'barred.byOrder': '주문번호로 차단',
  'barred.order': '주문번호',
  'barred.orderHint': '판매 내역에 표시된 번호입니다: o_…',
  'barred.find': '찾기',
  'barred.notYours': '이 번호의 판매 주문이 없습니다.',
  'barred.bar': '{name} 님 차단',
  'barred.fromChat': '채팅에서 차단',
  'barred.chatName': '마지막 방송의 채팅 이름',
  'barred.chatNone': '최근 채팅에 그런 이름이 없습니다.',
  'barred.noShow': '첫 방송을 하고 나면 채팅에 참여한 사람을 여기에서 찾을 수 있습니다.',
  'barred.warning': '{name} 님은 더 이상 주문할 수 없으며, 주문할 때 그 사실을 안내받습니다.',
}

/** A text about barred buyers in the visitor's language. */
export const barredText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
