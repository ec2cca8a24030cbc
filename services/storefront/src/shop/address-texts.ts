import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts about addresses: they come with the code that asks for one, for what everybody loads has a limit. */
const en = {
  'address.title': 'Where should it go?',
  'address.book': 'Addresses',
  'address.none': 'No address yet. The first one is asked for when you buy.',
  'address.default': 'Default',
  'address.makeDefault': 'Make default',
  'address.remove': 'Remove',
  'address.add': 'Add an address',
  'address.use': 'Deliver here',
  'address.other': 'Deliver elsewhere',
  'address.recipient': 'Recipient',
  'address.phone': 'Phone',
  'address.country': 'Country code',
  'address.postalCode': 'Postal code',
  'address.roadAddress': 'Address',
  'address.detail': 'Floor, flat, door code',
  'address.memo': 'For whoever delivers it',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  'address.title': '어디로 보낼까요?',
  'address.book': '배송지 목록',
  'address.none': '아직 배송지가 없습니다. 구매할 때 입력할 수 있습니다.',
  'address.default': '기본 배송지',
  'address.makeDefault': '기본으로 설정',
  'address.remove': '삭제',
  'address.add': '배송지 추가',
  'address.use': '이 배송지로 보내기',
  'address.other': '다른 배송지',
  'address.recipient': '받는 분',
  'address.phone': '전화번호',
  'address.country': '국가 코드',
  'address.postalCode': '우편번호',
  'address.roadAddress': '도로명 주소',
  'address.detail': '상세 주소, 공동현관 비밀번호',
  'address.memo': '배송 메모',
}

/** A text about addresses in the visitor's language. */
export const addressText = (key: keyof typeof en): string => fill((locale.value === 'ko' ? ko : en)[key], {})
