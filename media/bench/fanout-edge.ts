/**
 * The edge process of the fan-out bench. Arguments: port, Pod's port, UDP port where doors tell whom they answered, and
 * `node:http` for that in place of our own reader.
 */
import { createLogger } from '@mytaek1/platform/logger.ts'
import { listenToDoors } from '../src/edge/door-log.ts'
import { startBareEdge } from './harness/bare-edge.ts'
import { listenPlainly } from './harness/plain-listener.ts'

const [port = 0, podPort = 0, doorLogPort = 0] = process.argv.slice(2, 5).map(Number)
const edge = await startBareEdge({
  port,
  podPort,
  ...(process.argv[5] === 'node:http' && { listen: listenPlainly }),
  log: createLogger({ service: 'bench', level: 'warn' }),
  broadcast: {
    apiVersion: 'live.mytaek1.dev/v1alpha1',
    kind: 'Broadcast',
    metadata: { name: 'b-bench', namespace: 'bench', uid: 'bench', resourceVersion: '1' },
    spec: {
      title: '',
      seller: '',
      streamKey: {},
      state: 'Open',
      latency: 'Low',
      dvrWindow: '10m',
      reconnectWindow: '60s',
      recording: false,
    },
    status: { podIP: '127.0.0.1', podUID: 'bench', podName: 'bench' },
  },
})
await listenToDoors({ port: doorLogPort, host: '127.0.0.1', onLine: (line) => edge.countElsewhere(line) })
