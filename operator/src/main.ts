import { startAdminServer, Readiness } from '@mytaek1/platform/health.ts'
import { readEnvOrExit } from '@mytaek1/platform/env.ts'
import { connectKubernetes } from '@mytaek1/platform/kubernetes/api.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { Shutdown } from '@mytaek1/platform/shutdown.ts'
import { variables } from './config.ts'
import { startDebugServer } from './debug-server.ts'
import { startOperator } from './operator.ts'
import { readPodTemplate } from './stream-pod/template.ts'

const config = readEnvOrExit(variables)
const log = createLogger({ service: 'operator', level: config.LOG_LEVEL })
const registry = createRegistry('operator')
const shutdown = new Shutdown({ log })
shutdown.listen()

const api = await connectKubernetes({
  kubeconfig: config.KUBECONFIG,
  serviceAccount: config.SERVICE_ACCOUNT_FOLDER,
  userAgent: 'mytaek1-operator',
})
shutdown.onStop('api', () => api.close())
const operator = startOperator({
  api,
  namespace: config.NAMESPACE,
  podName: config.POD_NAME,
  leaseName: config.LEASE_NAME,
  leaseSeconds: config.LEASE_SECONDS,
  template: await readPodTemplate(config.STREAM_TEMPLATE_FILE),
  publicHttpUrl: config.PUBLIC_HLS_URL ?? config.PUBLIC_HTTP_URL,
  lingerMs: config.LINGER_SECONDS * 1_000,
  defaultPool: { buffer: config.WARM_POOL_BUFFER, max: config.WARM_POOL_MAX },
  workers: config.WORKERS,
  registry,
  log,
})
shutdown.onStop('operator', () => operator.stop())

const readiness = new Readiness()
// A standby is ready too: its caches are warm and it leads the moment it must.
readiness.add('caches', () => operator.isSynced())
const admin = await startAdminServer({ port: config.ADMIN_PORT, registry, readiness })
shutdown.onStop('admin server', () => admin.close())
if (config.DEBUG_PORT !== 0) {
  const debug = await startDebugServer(config.DEBUG_PORT)
  shutdown.onStop('debug server', () => debug.close())
}
log.info('operator.started', { namespace: config.NAMESPACE, adminPort: admin.port })
