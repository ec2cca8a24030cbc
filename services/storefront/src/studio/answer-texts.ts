import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts of the answers that a seller keeps ready: they come with their code. */
const en = {
  title: 'Ready answers',
  hint: 'Up to {most}. At your desk a press says one to everybody, or answers a message with it.',
  none: 'None yet: what do people ask in every show?',
  say: 'Say',
  reply: 'Answer with',
  said: 'Said: {title}',
  button: 'Button {n}',
  text: 'What the chat is told {n}',
  add: 'Add an answer',
  remove: 'Take away',
  removeOf: 'Take away: {title}',
  saved: 'Saved.',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  title: '자주 쓰는 답변',
  hint: '최대 {most}개. 방송 화면에서 한 번 눌러 채팅에 올리거나 메시지에 답글로 보냅니다.',
  none: '아직 없습니다. 방송마다 받는 질문은 무엇인가요?',
  say: '바로 보내기',
  reply: '답글로 보내기',
  said: '보냈습니다: {title}',
  button: '버튼 이름 {n}',
  text: '채팅에 올릴 내용 {n}',
  add: '답변 추가',
  remove: '삭제',
  removeOf: '삭제: {title}',
  saved: '저장했습니다.',
}

/** A text of the answers in the visitor's language. */
export const answerText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
