import { locale } from '../i18n/translate.ts'

/** Texts about paying into an account: they come with the pages that have one, for what everybody loads has a limit. */
const en = {
  title: 'Pay in to this account. The order is paid as soon as the money is there.',
  bank: 'Bank',
  account: 'Account number',
  amount: 'Amount',
  until: 'Until',
  whole: 'Pay the whole amount at once; another amount does not pay the order.',
  leave: 'I will not pay in: close this account',
  refundTo: 'Money of this payment goes back to you. On which account of yours?',
  holder: 'Account holder',
  tell: 'Have it sent there',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  title: '아래 계좌로 입금해 주세요. 입금이 확인되면 결제가 완료됩니다.',
  bank: '은행',
  account: '계좌번호',
  amount: '입금액',
  until: '입금 기한',
  whole: '전액을 한 번에 입금해 주세요. 금액이 다르면 결제되지 않습니다.',
  leave: '입금하지 않고 계좌 닫기',
  refundTo: '이 결제의 환불금을 받을 본인 계좌를 알려 주세요.',
  holder: '예금주',
  tell: '이 계좌로 환불받기',
}

/** A text about deposits in the visitor's language. */
export const depositText = (key: keyof typeof en): string => (locale.value === 'ko' ? ko : en)[key]
