/** Composition root of the stream Pod. */
import { s3Of } from '@mytaek1/platform/env.ts'
import { connectKubernetes } from '@mytaek1/platform/kubernetes/api.ts'
import { Readiness, startAdminServer } from '@mytaek1/platform/health.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { Shutdown } from '@mytaek1/platform/shutdown.ts'
import { broadcastAssignment } from './assignment/broadcast-assignment.ts'
import { environmentAssignment } from './assignment/environment-assignment.ts'
import { handOver } from './assignment/hand-over.ts'
import { startReport } from './assignment/report.ts'
import { readStreamConfig, type StreamConfig } from './config.ts'
import { registerStreamMetrics } from './metrics.ts'
import { StreamProcess } from './stream-process.ts'

/** For closing doors and connections, after the hand-over itself. */
const stopMarginMs = 20_000

/** Runs the stream process until it is told to stop. */
export async function runStream(): Promise<void> {
  const config = readStreamConfig()
  const log = createLogger({ service: 'stream', level: config.LOG_LEVEL })
  const handOverMs = config.STREAM_DRAIN_SECONDS * 1_000
  const shutdown = new Shutdown({ log, deadlineMs: handOverMs + stopMarginMs })
  shutdown.listen()
  const registry = createRegistry('stream')
  const readiness = new Readiness()
  const admin = await startAdminServer({ port: config.ADMIN_PORT, registry, readiness })
  shutdown.onStop('admin', () => admin.close())

  const api =
    config.STREAM_KEY_SHA256 === undefined
      ? await connectKubernetes({ kubeconfig: config.KUBECONFIG, userAgent: 'mytaek1-stream' })
      : undefined
  if (api !== undefined) shutdown.onStop('kubernetes', () => api.close())
  const { NAMESPACE: namespace, POD_NAME: podName } = config
  const watched = api && broadcastAssignment({ api, namespace, podName, log })
  const assignments = watched ?? environmentAssignment(fromEnvironment(config))
  shutdown.onStop('assignment', () => assignments.close())

  let isSynced = api === undefined
  void watched?.synced.then(() => (isSynced = true)).catch(() => undefined) // stopped before it was
  let report: ReturnType<typeof startReport> | undefined
  const stream = new StreamProcess({
    config,
    assignments,
    objectStore: s3Of(config),
    log,
    onFacts: () => report?.changed(),
  })
  shutdown.onStop('status', () => report?.stop())
  await stream.start()
  shutdown.onStop('stream', () => stream.stop())
  if (api !== undefined) {
    const podIP = config.POD_IP
    const listening = podIP === undefined ? undefined : { podName, podIP, at: new Date().toISOString() }
    report = startReport({
      api,
      namespace,
      podName,
      podUID: config.POD_UID,
      listening,
      assignments,
      isWarm: () => isSynced,
      facts: () => stream.facts(),
      health: () => stream.health(),
      log,
    })
  }
  // The last registered is the first to run: all the rest works on until another Pod has the broadcast. A process that
  // ends by a bug is not leaving: nobody would relieve it.
  if (watched)
    shutdown.onStop('hand-over', async (reason) => {
      if (reason === 'SIGTERM') await handOver({ assignments: watched, maxMs: handOverMs, log })
    })
  registerStreamMetrics(registry, stream)
  // A Pod whose broadcast is another's, or gone, begins no second one: nobody may take it for a warm one.
  readiness.add('assignment', () => isSynced && watched?.isGone() !== true)
  log.info('stream.ready', { httpPort: stream.httpPort, rtmpPort: stream.rtmpPort, adminPort: admin.port })
}

function fromEnvironment(config: StreamConfig) {
  return {
    broadcast: 'stream',
    streamKeySha256: config.STREAM_KEY_SHA256,
    latency: config.STREAM_LATENCY,
    dvrWindowSeconds: config.DVR_WINDOW_SECONDS,
    ladder: undefined,
    encoderPreset: undefined,
    recording: false,
    createdAtMs: Date.now(),
    sequence: undefined,
    state: 'open' as const,
  }
}
