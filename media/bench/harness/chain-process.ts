/**
 * One process of the media plane for the benches: the real ingest, stream or edge code with one fixed Broadcast instead of
 * the watch. Started by chain.ts with its settings as JSON; tells its ports on standard output, once.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { Gateway } from '../../src/ingest/gateway.ts'
import { ingestMetrics } from '../../src/ingest/metrics.ts'
import { defaultRtmpLimits } from '../../src/rtmp/limits.ts'
import { startRtmpServer } from '../../src/rtmp/server.ts'
import { environmentAssignment } from '../../src/stream/assignment/environment-assignment.ts'
import { StreamProcess } from '../../src/stream/stream-process.ts'
import { startBareEdge } from './bare-edge.ts'
import type { ChainProcessSettings } from './chain.ts'

const settings = JSON.parse(process.argv[2] ?? '{}') as ChainProcessSettings
const log = createLogger({ service: settings.role, level: 'warn' }, process.stderr)

if (settings.role === 'stream') await runStream()
else if (settings.role === 'ingest') await runIngest()
else await runEdge()

function tell(ports: Record<string, number>): void {
  process.stdout.write(`${JSON.stringify(ports)}\n`)
}

async function runStream(): Promise<void> {
  const stream = new StreamProcess({
    config: {
      PORT: settings.httpPort,
      RTMP_PORT: settings.rtmpPort,
      DATA_DIR: settings.directory,
      TRANSCODER_DIR: settings.directory,
      LADDER: settings.ladder,
      ENCODER_PRESET: 'veryfast',
      THUMBNAIL_SECONDS: 10,
    },
    assignments: environmentAssignment({
      broadcast: settings.broadcast,
      streamKeySha256: settings.keySha256,
      latency: settings.latency,
      dvrWindowSeconds: 600,
      ladder: settings.ladder,
      encoderPreset: undefined,
      recording: false,
      createdAtMs: settings.createdAtMs,
      sequence: settings.sequence,
      state: 'open',
    }),
    log,
    // The Broadcast's status, as far as a replacement needs it: given to whoever starts one.
    onFacts: () => setImmediate(tellSequence),
  })
  let told = ''
  const tellSequence = () => {
    const sequence = stream.facts().mediaSequence
    if (sequence === undefined || sequence.at === told) return
    told = sequence.at
    const { number, discontinuity, at, segmentSeconds } = sequence
    process.stdout.write(`${JSON.stringify({ number, discontinuity, atMs: Date.parse(at), segmentSeconds })}\n`)
  }
  await stream.start()
  tell({ http: stream.httpPort, rtmp: stream.rtmpPort })
}

async function runIngest(): Promise<void> {
  let current = broadcast()
  const gateway: Gateway = new Gateway({
    record: {
      claim: async (_seen, publisher) => {
        current = { ...current, status: { ...current.status, publisher } }
        setImmediate(() => gateway.upsert(current))
        await wait(1)
        return current
      },
      release: () => Promise.resolve(),
    },
    podName: 'ingest-bench',
    replayBytes: 32 * 1024 * 1024,
    replayTotalBytes: 64 * 1024 * 1024,
    streamRtmpPort: settings.rtmpPort,
    log,
    metrics: ingestMetrics(createRegistry('ingest'), { publishers: () => 0, sessions: () => 0 }),
  })
  gateway.upsert(current)
  const server = await startRtmpServer({
    port: 0,
    limits: defaultRtmpLimits,
    log,
    authorize: (request, session) => gateway.authorize(request, session),
  })
  tell({ rtmp: server.port })
}

async function runEdge(): Promise<void> {
  const edge = await startBareEdge({ port: 0, broadcast: broadcast(), podPort: settings.httpPort, log })
  tell({ http: edge.port })
}

function broadcast(): Broadcast {
  return {
    apiVersion: 'live.mytaek1.dev/v1alpha1',
    kind: 'Broadcast',
    metadata: { name: settings.broadcast, namespace: 'bench', uid: 'u', resourceVersion: '1' },
    spec: {
      title: 'bench',
      seller: 'bench',
      streamKey: { sha256: settings.keySha256 },
      state: 'Open',
      latency: settings.latency,
      dvrWindow: '10m',
      reconnectWindow: '60s',
      recording: false,
    },
    status: { podName: 'stream-bench', podIP: '127.0.0.1', podUID: 'pod-1' },
  }
}
