import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts about who keeps a chat in order, for the seller and for who does it: they come with their code. */
const en = {
  title: 'Moderators',
  hint: 'They delete viewers’ messages, mute for a time, freeze and slow in your chats, and nothing else. At most 20.',
  none: 'You keep your chats alone.',
  who: 'E-mail address or account id',
  whoHint: 'By e-mail you ask; whoever confirmed the address says yes at “My account”.',
  add: 'Name',
  named: 'Named.',
  asked: 'Asked. It waits for two weeks.',
  waiting: 'asked, has not answered',
  dismiss: 'Dismiss',
  dismissOf: 'Dismiss: {name}',
  withdraw: 'Withdraw',
  withdrawOf: 'Withdraw: {name}',
  keeping: 'Chats that you keep',
  asks: '{name} asks you to keep their chats in order',
  accept: 'Yes',
  acceptOf: 'Yes: {name}',
  decline: 'No',
  declineOf: 'No: {name}',
  leave: 'Stop',
  leaveOf: 'Stop: {name}',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  title: '채팅 지기',
  hint: '내 채팅에서 시청자 메시지 삭제, 일정 시간 채팅 제한, 얼리기, 저속 모드만 할 수 있습니다. 최대 20명.',
  none: '채팅을 혼자 관리하고 있습니다.',
  who: '이메일 또는 계정 ID',
  whoHint: '이메일로는 요청이 전달되고, 그 이메일을 확인한 사람이 내 계정에서 수락합니다.',
  add: '지정',
  named: '지정했습니다.',
  asked: '요청했습니다. 2주 동안 기다립니다.',
  waiting: '요청함, 응답 전',
  dismiss: '해제',
  dismissOf: '해제: {name}',
  withdraw: '요청 취소',
  withdrawOf: '요청 취소: {name}',
  keeping: '내가 관리하는 채팅',
  asks: '{name}님이 채팅 관리를 부탁했습니다',
  accept: '수락',
  acceptOf: '수락: {name}',
  decline: '거절',
  declineOf: '거절: {name}',
  leave: '그만두기',
  leaveOf: '그만두기: {name}',
}

/** A text about moderators in the visitor's language. */
export const moderatorText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
