/** `node media/src/main.ts ingest`: the Pods behind the RTMP load balancer. */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { TlsOptions } from 'node:tls'
import { Readiness, startAdminServer } from '@mytaek1/platform/health.ts'
import { connectKubernetes } from '@mytaek1/platform/kubernetes/api.ts'
import { startReflector } from '@mytaek1/platform/kubernetes/reflector.ts'
import { broadcasts } from '@mytaek1/platform/kubernetes/resource.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { Shutdown } from '@mytaek1/platform/shutdown.ts'
import { defaultRtmpLimits } from '../rtmp/limits.ts'
import { type RtmpServer, startRtmpServer } from '../rtmp/server.ts'
import { Certificate } from './certificate.ts'
import { type IngestConfig, readConfig } from './config.ts'
import { Gateway } from './gateway.ts'
import { ingestMetrics } from './metrics.ts'
import { publisherRecord } from './publisher-record.ts'

const drainPollMs = 250
const maxMessagesPerSecond = 2_000 // 240 pictures and 94 sounds a second are the most that encoders send
const drainMarginMs = 45_000 // for closing sessions and writing them down, after the drain itself

/** Starts the gateway; it runs until SIGTERM. */
export async function runIngest(): Promise<void> {
  const config = readConfig()
  const log = createLogger({ service: 'ingest', level: config.LOG_LEVEL })
  const shutdown = new Shutdown({ log, deadlineMs: config.RTMP_DRAIN_SECONDS * 1_000 + drainMarginMs })
  shutdown.listen()
  const registry = createRegistry('ingest')
  const readiness = new Readiness()
  const admin = await startAdminServer({ port: config.ADMIN_PORT, registry, readiness })
  shutdown.onStop('admin', () => admin.close())

  const api = await connectKubernetes({ kubeconfig: config.KUBECONFIG, userAgent: 'mytaek1-ingest' })
  shutdown.onStop('kubernetes', () => api.close())
  const servers: RtmpServer[] = []
  const sum = (count: (server: RtmpServer) => number) => servers.reduce((total, server) => total + count(server), 0)
  const metrics = ingestMetrics(registry, {
    publishers: () => sum(({ publishers }) => publishers),
    sessions: () => sum(({ sessions }) => sessions),
  })
  const gateway = new Gateway({
    record: publisherRecord(api),
    podName: config.POD_NAME,
    replayBytes: config.RTMP_REPLAY_BYTES,
    replayTotalBytes: config.RTMP_REPLAY_TOTAL_BYTES,
    streamRtmpPort: config.STREAM_RTMP_PORT,
    log,
    metrics,
  })
  const reflector = startReflector({
    api,
    resource: broadcasts,
    namespace: config.NAMESPACE ?? api.namespace,
    onChange: (broadcast) => gateway.upsert(broadcast),
    onDelete: (broadcast) => gateway.remove(broadcast),
    log,
  })
  shutdown.onStop('watch', () => reflector.stop())
  let synced = false
  readiness.add('broadcasts', () => synced)
  await reflector.synced
  synced = true

  const listen = (port: number, tls?: TlsOptions) =>
    startRtmpServer({
      port,
      tls,
      trustedProxies: config.RTMP_TRUSTED_PROXIES,
      limits: limitsOf(config),
      log,
      authorize: (request, session) => gateway.authorize(request, session),
      onSessionEnd: ({ code }) => metrics.ended.inc({ code }),
    })
  servers.push(await listen(config.RTMP_PORT))
  const certificate = certificateOf(config)
  if (certificate !== undefined) {
    const secure = await listen(config.RTMPS_PORT, certificate.read())
    servers.push(secure)
    certificate.onRenewed((tls) => secure.renewTls(tls), log)
    shutdown.onStop('certificate', () => certificate.close())
  }
  shutdown.onStop('rtmp', async () => {
    readiness.drain()
    for (const server of servers) server.stopListening()
    await publishersLeave(() => sum(({ publishers }) => publishers), config.RTMP_DRAIN_SECONDS * 1_000)
    const end = { code: 'NetConnection.Connect.AppShutdown', description: 'This server restarts; connect again.' }
    await Promise.all(servers.map((server) => server.close(end)))
    await gateway.settle()
  })
  log.info('ingest.listening', { rtmpPort: config.RTMP_PORT, rtmps: certificate !== undefined })
  await once(shutdown.signal, 'abort')
}

/** Publishers go on while this Pod drains; none is cut before the time is over. */
async function publishersLeave(count: () => number, deadlineMs: number): Promise<void> {
  const deadline = performance.now() + deadlineMs
  while (count() > 0 && performance.now() < deadline) await wait(drainPollMs)
}

function limitsOf(config: IngestConfig) {
  return {
    ...defaultRtmpLimits,
    maxSessions: config.RTMP_MAX_SESSIONS,
    maxSessionsPerAddress: config.RTMP_MAX_SESSIONS_PER_ADDRESS,
    maxMessageBytes: config.RTMP_MAX_MESSAGE_BYTES,
    idleMs: config.RTMP_IDLE_SECONDS * 1_000,
    maxMessagesPerSecond,
  }
}

function certificateOf({ TLS_CERT_FILE, TLS_KEY_FILE }: IngestConfig): Certificate | undefined {
  if (TLS_CERT_FILE === undefined || TLS_KEY_FILE === undefined) return undefined
  return new Certificate({ certFile: TLS_CERT_FILE, keyFile: TLS_KEY_FILE })
}
