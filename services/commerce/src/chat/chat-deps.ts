import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import type { LiveEvent } from '@mytaek1/contracts/live-events.ts'
import type { RateLimit } from '@mytaek1/platform/rate-limits.ts'
import type { CompiledWords } from './chat-rules.ts'

/** What the chat's endpoints need. */
export interface ChatDeps {
  db: Knex
  redis: Redis
  words: CompiledWords
  /** Tells a broadcast's viewers; not waited for. */
  announce: (broadcastId: string, event: LiveEvent) => void
  clock: () => Date
  limits: { chat: RateLimit; chatInBroadcast: RateLimit; moderate: RateLimit; report: RateLimit }
}
