import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Logger } from './logger.ts'
import { afterRunning } from './running-time.ts'

const connectTimeoutMs = 1_000
const commandMostMs = 500
const maxReconnectDelayMs = 1_000

/**
 * A client whose commands fail when they are not answered in time. Its own `commandTimeout` is in time by the clock: after a
 * moment in which this process stood still, all that was asked before would fail with its answers already here.
 */
class PromptRedis extends Redis {
  commandMs = commandMostMs

  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    const timer = afterRunning(this.commandMs, () => {
      if (!command.isSettled) command.reject(new Error('Command timed out'))
    })
    const clear = () => clearTimeout(timer)
    command.promise.then(clear, clear)
    return super.sendCommand(command, stream)
  }
}

/**
 * Connects to independent Redis masters (one, or three for a lock quorum) and keeps reconnecting in the background.
 *
 * A command to a master that is not connected fails at once, and any command after half a second: nothing of ours may
 * wait for Redis, since nothing of ours needs it to be right.
 *
 * @param commandMs how long a command may take; tests whose Redis stands still now and then give it more
 */
export function connectRedis(urls: readonly string[], log: Logger, commandMs = commandMostMs): Redis[] {
  return urls.map((url, index) => {
    const client = new PromptRedis(url, {
      connectTimeout: connectTimeoutMs,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(20 * 2 ** Math.min(attempt, 10), maxReconnectDelayMs),
    })
    client.commandMs = commandMs
    logState(client, log.child({ redis: index }))
    return client
  })
}

/**
 * A connection of its own for SUBSCRIBE, to the same master; it subscribes again after every reconnect.
 * Subscriptions made before the connection is up wait for it.
 */
export function duplicateForSubscribe(client: Redis, log: Logger): Redis {
  const subscriber = client.duplicate({
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
  })
  logState(subscriber, log.child({ redis: 'subscriber' }))
  return subscriber
}

/** Waits until every master is connected; answers whether that came true in time. */
export async function redisReady(clients: readonly Redis[], timeoutMs = 5_000): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  while (!clients.every((client) => client.status === 'ready')) {
    if (Date.now() > deadline) return false
    await delay(10)
  }
  return true
}

/** Ends the connections in order: what was sent is still answered. */
export async function closeRedis(clients: readonly Redis[]): Promise<void> {
  await Promise.all(
    clients.map(async (client) => {
      if (client.status === 'ready') await client.quit().catch(() => 'gone')
      client.disconnect()
    }),
  )
}

// One line when it goes and one when it is back, not one a retry.
function logState(client: Redis, log: Logger): void {
  let down = false
  client.on('ready', () => {
    if (down) log.info('redis.connected')
    down = false
  })
  client.on('error', (error: Error) => {
    if (!down) log.warn('redis.lost', { error })
    down = true
  })
}
