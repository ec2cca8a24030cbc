import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts of a message's menu: they come with its code. */
const en = {
  title: 'Message of {name}',
  reply: 'Reply',
  report: 'Report',
  'report.abuse': 'Insults, hate',
  'report.spam': 'Advertising, spam',
  'report.fraud': 'Fraud, personal data',
  'report.other': 'Something else',
  reported: 'Reported. The seller and the platform will look at it.',
  delete: 'Delete the message',
  pin: 'Pin over the chat',
  mute: 'Mute for 10 minutes',
  muteHour: 'Mute for an hour',
  muteForGood: 'Mute for good',
  shadow: 'Hide from others, without telling',
  ban: 'Ban, and delete all messages',
  banWarning: '{name} can write in none of your chats, and all they said here goes.',
  done: 'Done.',
  name: 'Have them keep the chat',
  nameWarning:
    '{name} can delete messages, mute, freeze and slow in your chats until you dismiss them, and nothing else.',
  dismiss: 'No moderator any more',
  frozen: 'Freeze the chat',
  slow: 'Slow mode',
  slowOff: 'Off',
  slowSeconds: 'One message in {seconds} s',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  title: '{name}님의 메시지',
  reply: '답글',
  report: '신고',
  'report.abuse': '욕설·비방',
  'report.spam': '광고·도배',
  'report.fraud': '사기·개인정보',
  'report.other': '기타',
  reported: '신고했습니다. 판매자와 운영팀이 확인합니다.',
  delete: '메시지 삭제',
  pin: '채팅 공지로 고정',
  mute: '10분 동안 채팅 제한',
  muteHour: '1시간 동안 채팅 제한',
  muteForGood: '계속 채팅 제한',
  shadow: '알리지 않고 다른 사람에게 숨기기',
  ban: '차단하고 메시지 모두 삭제',
  banWarning: '{name}님은 내 모든 방송에서 채팅할 수 없고, 여기서 쓴 메시지가 모두 사라집니다.',
  done: '처리했습니다.',
  name: '채팅 지기로 지정',
  nameWarning: '{name}님은 해제할 때까지 내 채팅에서 메시지 삭제, 채팅 제한, 얼리기, 저속 모드만 할 수 있습니다.',
  dismiss: '채팅 지기 해제',
  frozen: '채팅 얼리기',
  slow: '저속 모드',
  slowOff: '끔',
  slowSeconds: '{seconds}초에 한 번',
}

/** A text of the menu in the visitor's language. */
export const menuText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
