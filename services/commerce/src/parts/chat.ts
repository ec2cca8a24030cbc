import { CompiledWords } from '../chat/chat-rules.ts'
import type { ChatDeps } from '../chat/chat-deps.ts'
import { startChatUpkeep } from '../chat/upkeep.ts'
import type { Live } from './live.ts'
import type { Shared } from './shared.ts'

/** Begins what time does to chats, and answers what their endpoints work with. */
export function startChat({ config, db, firstRedis, log, clock, limit, onClose }: Shared, { feed }: Live): ChatDeps {
  onClose(startChatUpkeep({ db, redis: firstRedis, log }))
  const perSecond = (name: string, points: number, seconds: number) =>
    limit(name, { points: points * seconds, seconds })
  return {
    db,
    redis: firstRedis,
    words: new CompiledWords(db),
    announce: (broadcastId, event) => feed.announce(broadcastId, event),
    clock,
    limits: {
      chat: perSecond('messages', config.LIMIT_MESSAGES_PER_SECOND, 5),
      chatInBroadcast: perSecond('messages in this broadcast', config.LIMIT_MESSAGES_PER_SECOND_IN_BROADCAST, 2),
      moderate: limit('changes of chats', { points: config.LIMIT_CHANGES_PER_MINUTE, seconds: 60 }),
      report: limit('reports', { points: config.LIMIT_CHAT_REPORTS_PER_HOUR, seconds: 3_600 }),
    },
  }
}
