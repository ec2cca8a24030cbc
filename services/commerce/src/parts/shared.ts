import type { Redis } from 'ioredis'
import type { Knex } from 'knex'
import type { Registry } from 'prom-client'
import { localTokenVerifier, type TokenVerifier } from '@mytaek1/platform/auth.ts'
import { EndedSessions } from '@mytaek1/platform/ended-sessions.ts'
import { both } from '@mytaek1/platform/env.ts'
import { Readiness } from '@mytaek1/platform/health.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { connectMysql, pingMysql, schemaIsCurrent } from '@mytaek1/platform/mysql.ts'
import { createRateLimits } from '@mytaek1/platform/rate-limits.ts'
import { closeRedis, connectRedis, duplicateForSubscribe } from '@mytaek1/platform/redis.ts'
import { createTokenIssuer, type TokenIssuer } from '../accounts/access-token.ts'
import { readEndedSessions } from '../accounts/ended-sessions.ts'
import type { Config } from '../config.ts'
import { migrations } from '../migrations.ts'
import { SharedReadsNews } from '../shared-reads-news.ts'
import { SharedReads } from '../shared-reads.ts'

/** Clients and other things that every part of the service works with. */
export interface Shared {
  config: Config
  log: Logger
  clock: () => Date
  registry: Registry
  readiness: Readiness
  db: Knex
  /** Every master; locks are held by most of them. */
  redis: readonly Redis[]
  /** The first master: all but locks. */
  firstRedis: Redis
  /** The same for subscriptions. */
  subscriber: Redis
  tokens: TokenIssuer
  endedSessions: EndedSessions
  verify: TokenVerifier
  /** What a crowd asks for is read once a second. */
  reads: SharedReads
  /** Told of what makes those old. */
  readsNews: SharedReadsNews
  limit: ReturnType<typeof createRateLimits>
  /** Signatures of other services that are taken: the present one, and the next or the last. */
  serviceTokens: readonly string[]
  /** Has something stopped when the service closes: the last first. */
  onClose: (stop: () => Promise<void> | void) => void
  close: () => Promise<void>
}

/** Connects to what every part needs. */
export async function connectShared(config: Config, log: Logger, redisCommandMs?: number): Promise<Shared> {
  const stops: (() => Promise<void> | void)[] = []
  const clock = () => new Date()
  const readiness = new Readiness()
  const db = connectMysql({ url: config.MYSQL_URL, poolMax: config.MYSQL_POOL })
  stops.push(() => db.destroy())
  const redis = connectRedis(config.REDIS_URLS, log, redisCommandMs)
  const [firstRedis] = redis
  if (firstRedis === undefined) throw new Error('REDIS_URLS names no Redis')
  const subscriber = duplicateForSubscribe(firstRedis, log)
  stops.push(() => closeRedis([...redis, subscriber]))
  const reads = new SharedReads()
  const tokens = await createTokenIssuer(...both(config.TOKEN_PRIVATE_KEY, config.TOKEN_PRIVATE_KEY_OTHER))
  const endedSessions = new EndedSessions((since) => readEndedSessions(db, since), log)
  stops.push(() => endedSessions.stop())
  readiness.add('schema', () => schemaIsCurrent(db, migrations))
  readiness.add('mysql', () => pingMysql(db)) // Redis and S3 are not asked: without them orders and reads still work
  return {
    config,
    log,
    clock,
    registry: createRegistry('commerce'),
    readiness,
    db,
    redis,
    firstRedis,
    subscriber,
    tokens,
    endedSessions,
    verify: endedSessions.guard(localTokenVerifier(tokens.jwks)),
    reads,
    readsNews: new SharedReadsNews({ reads, redis: firstRedis, subscriber }),
    limit: createRateLimits(firstRedis),
    serviceTokens: both(config.SERVICE_TOKEN, config.SERVICE_TOKEN_OTHER),
    onClose: (stop) => stops.push(stop),
    close: async () => {
      for (const stop of stops.toReversed()) await stop()
    },
  }
}
