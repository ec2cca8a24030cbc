import type { FollowsDeps } from '../follows/routes.ts'
import { startTellingFollowers } from '../follows/show-starts.ts'
import type { MailPart } from './mail.ts'
import type { Shared } from './shared.ts'

const changesPerMinute = 60
const clicksPerHour = 60 // of one follower: on mails of as many sellers, or again and again

/** Begins to tell followers of shows, and answers what the endpoints of follows work with. */
export function startFollows(
  { db, log, reads, clock, limit, config, onClose }: Shared,
  { mails, stopTokens }: MailPart,
): FollowsDeps {
  if (mails.on) onClose(startTellingFollowers({ db, mails, log }))
  return {
    db,
    reads,
    stopTokens,
    clock,
    limits: {
      follow: limit('follows', { points: changesPerMinute, seconds: 60 }),
      stop: limit('stopped mails', { points: config.LIMIT_RECOVERIES_PER_HOUR, seconds: 3_600 }),
      oneClick: limit('stopped mails of one reader', { points: clicksPerHour, seconds: 3_600 }),
    },
  }
}
