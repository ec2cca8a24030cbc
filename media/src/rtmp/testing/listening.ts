/** A server for tests that accepts the key "good" and keeps every message it is given. */
import type { BlockList } from 'node:net'
import type { TestContext } from 'node:test'
import type { TlsOptions } from 'node:tls'
import { type Logger, createLogger } from '@mytaek1/platform/logger.ts'
import { type RtmpLimits, defaultRtmpLimits } from '../limits.ts'
import type { MediaMessage } from '../media-message.ts'
import type { Authorization, PublishRequest, PublishSession, SessionEnd } from '../publishing.ts'
import { type RtmpServer, startRtmpServer } from '../server.ts'

export const silent = createLogger({ service: 'test' }, { write: () => {} })

/** What happened at the server, in the order it happened. */
export interface Listening {
  readonly server: RtmpServer
  readonly messages: MediaMessage[]
  readonly requests: PublishRequest[]
  readonly sessions: PublishSession[]
  readonly ends: SessionEnd[]
  /** Resolves when `fits` holds; looked at after every message, request and end. */
  readonly until: (fits: () => boolean) => Promise<void>
}

const deadlineMs = 60_000
/** Long, so that a slow machine is not taken for a slow encoder; a test of one of them says how long it is to be. */
const patience = { timeToPublishMs: 600_000, idleMs: 600_000, proxyHeaderMs: 600_000 }

/** Listens on a free port until the test is over. */
export async function listening(
  t: TestContext,
  options: {
    host?: string
    port?: number
    tls?: TlsOptions
    trustedProxies?: BlockList
    limits?: Partial<RtmpLimits>
    log?: Logger
    authorize?: (request: PublishRequest) => Promise<Authorization | undefined>
    write?: () => boolean
  } = {},
): Promise<Listening> {
  const messages: MediaMessage[] = []
  const requests: PublishRequest[] = []
  const sessions: PublishSession[] = []
  const ends: SessionEnd[] = []
  const waiting = new Set<() => void>()
  const happened = () => {
    for (const look of waiting) look()
  }
  const sink = {
    write: (message: MediaMessage) => {
      messages.push(message)
      happened()
      return options.write?.()
    },
    close: () => {},
  }
  const server = await startRtmpServer({
    port: options.port ?? 0,
    host: options.host ?? '127.0.0.1',
    tls: options.tls,
    trustedProxies: options.trustedProxies,
    limits: { ...defaultRtmpLimits, ...patience, ...options.limits },
    log: options.log ?? silent,
    authorize: async (request, session) => {
      requests.push(request)
      sessions.push(session)
      happened()
      const decision = await options.authorize?.(request)
      if (decision !== undefined) return decision
      if (request.streamName === 'good') return { accept: true, sink }
      return { accept: false, code: 'NetStream.Publish.Unauthorized', description: 'Unknown stream key.' }
    },
    onSessionEnd: (end) => {
      ends.push(end)
      happened()
    },
  })
  t.after(() => server.close({ code: 'NetConnection.Connect.Closed', description: 'test over' }))
  return {
    server,
    messages,
    requests,
    sessions,
    ends,
    until: async (fits) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const look = () => fits() && resolve()
      const timer = setTimeout(() => reject(new Error(`did not happen in time: ${String(fits)}`)), deadlineMs)
      waiting.add(look)
      look()
      try {
        await promise
      } finally {
        clearTimeout(timer)
        waiting.delete(look)
      }
    },
  }
}
