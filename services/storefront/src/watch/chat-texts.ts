import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts of the chat that come with the watch page, not with what everybody loads. */
const en = {
  host: 'Seller',
  staff: 'Staff',
  moderator: 'Moderator',
  tools: 'Keep the chat',
  more: 'More: {name}',
  keys: 'Arrow keys go from message to message, Enter opens what can be done.',
  pinned: 'Pinned',
  frozen: 'The seller has frozen the chat.',
  slow: 'Slow mode: one message in {seconds} s',
  replyTo: 'Replying to {name}',
  noReply: 'Do not reply',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  host: '판매자',
  staff: '운영자',
  moderator: '채팅 지기',
  tools: '채팅 관리',
  more: '더 보기: {name}',
  keys: '화살표 키로 메시지를 옮겨 다니고 Enter로 메뉴를 엽니다.',
  pinned: '공지',
  frozen: '판매자가 채팅을 얼렸습니다.',
  slow: '저속 모드: {seconds}초에 한 번',
  replyTo: '{name}님에게 답글',
  noReply: '답글 취소',
}

/** A text of the chat in the visitor's language. */
export const chatText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
