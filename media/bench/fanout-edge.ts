/** The edge process of the fan-out bench. Arguments: port, Pod's port. */
import { createLogger } from '@mytaek1/platform/logger.ts'
import { startBareEdge } from './harness/bare-edge.ts'

const [port = 0, podPort = 0] = process.argv.slice(2).map(Number)
await startBareEdge({
  port,
  podPort,
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
