import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts of hearts and following: they come with their code. */
const en = {
  hearts: 'Give a heart: {count} so far',
  follow: 'Follow',
  following: 'Following',
  followOf: 'Follow {name}',
  followingOf: 'Following {name}',
  notify: 'E-mail when a show of {name} begins',
  followed: 'You follow {name}, and get an e-mail when a show begins.',
  title: 'Sellers you follow',
  none: 'You follow nobody yet.',
  mail: 'E-mail when a show begins',
  unfollow: 'Unfollow',
  unfollowOf: 'Unfollow {name}',
  stopTitle: 'No more mails of shows',
  stopAsk: 'You follow the seller on, and get no more e-mail when a show begins.',
  stop: 'Stop these mails',
  stopped: 'Done: no more mails of this seller’s shows.',
  ended: 'This link is none of ours, or was cut off. Your account has all whom you follow.',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  hearts: '하트 보내기, 지금까지 {count}',
  follow: '팔로우',
  following: '팔로잉',
  followOf: '{name} 팔로우',
  followingOf: '{name} 팔로잉',
  notify: '{name} 방송 시작 알림 메일',
  followed: '{name}님을 팔로우합니다. 방송이 시작되면 메일로 알려 드립니다.',
  title: '팔로우한 판매자',
  none: '팔로우한 판매자가 없습니다.',
  mail: '방송 시작 알림 메일',
  unfollow: '팔로우 취소',
  unfollowOf: '{name} 팔로우 취소',
  stopTitle: '방송 알림 메일 그만 받기',
  stopAsk: '팔로우는 그대로이고, 방송이 시작되어도 메일을 보내지 않습니다.',
  stop: '메일 그만 받기',
  stopped: '이 판매자의 방송 알림 메일을 더 이상 보내지 않습니다.',
  ended: '올바른 링크가 아닙니다. 팔로우한 판매자는 내 계정에서 볼 수 있습니다.',
}

/** A text of hearts and following in the visitor's language. */
export const audienceText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
