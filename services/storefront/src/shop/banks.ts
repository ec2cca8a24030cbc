import type { Locale } from '../i18n/locale.ts'

/** Korean banks by the code that gateways and the clearing house use; the buyer's own may be any of them. */
export const banks: Readonly<Record<string, { ko: string; en: string }>> = Object.freeze({
  '06': { ko: 'KB국민은행', en: 'KB Kookmin Bank' },
  '11': { ko: 'NH농협은행', en: 'NH NongHyup Bank' },
  '20': { ko: '우리은행', en: 'Woori Bank' },
  '23': { ko: 'SC제일은행', en: 'SC First Bank' },
  '31': { ko: 'iM뱅크(대구)', en: 'iM Bank' },
  '32': { ko: '부산은행', en: 'Busan Bank' },
  '34': { ko: '광주은행', en: 'Gwangju Bank' },
  '39': { ko: '경남은행', en: 'Kyongnam Bank' },
  '71': { ko: '우체국', en: 'Korea Post' },
  '81': { ko: '하나은행', en: 'Hana Bank' },
  '88': { ko: '신한은행', en: 'Shinhan Bank' },
  '89': { ko: '케이뱅크', en: 'K bank' },
  '90': { ko: '카카오뱅크', en: 'KakaoBank' },
  '92': { ko: '토스뱅크', en: 'Toss Bank' },
  '03': { ko: 'IBK기업은행', en: 'Industrial Bank of Korea' },
  '45': { ko: '새마을금고', en: 'MG Community Credit' },
  '48': { ko: '신협', en: 'Credit Unions' },
})

/** A bank's name, or its code where nobody here knows it. */
export const bankName = (code: string, locale: Locale): string => banks[code]?.[locale] ?? code
