/**
 * The chart's pre-delete hook: takes away what Helm does not know of, while the operator still runs to end it in order. A Job
 * that somebody else made of the hook ends nothing.
 */
import { commonVariables, optionalText, readEnvOrExit, seconds, text } from '@mytaek1/platform/env.ts'
import { connectKubernetes } from '@mytaek1/platform/kubernetes/api.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { clearNamespace } from './clear-namespace.ts'
import { isMadeByHelm } from './made-by-helm.ts'
import { retireOperator } from './retire-operator.ts'

const config = readEnvOrExit({
  LOG_LEVEL: commonVariables.LOG_LEVEL,
  NAMESPACE: text('default'),
  KUBECONFIG: optionalText(),
  OPERATOR_DEPLOYMENT: text('mytaek1-operator'),
  LEASE_NAME: text('mytaek1-operator'),
  GRACE_SECONDS: seconds(60),
  JOB_NAME: optionalText(), // the Job this runs in; absent: run by hand
})
const { NAMESPACE: namespace, OPERATOR_DEPLOYMENT: deployment, LEASE_NAME: lease, GRACE_SECONDS: grace } = config
const log = createLogger({ service: 'uninstall', level: config.LOG_LEVEL })
const api = await connectKubernetes({ kubeconfig: config.KUBECONFIG, userAgent: 'mytaek1-uninstall' })
try {
  const job = config.JOB_NAME
  if (job === undefined || (await isMadeByHelm({ api, namespace, job }))) await uninstall()
  else log.error('uninstall.refused', { job, reason: 'Helm did not make this Job: nothing was ended' })
} finally {
  api.close()
}

async function uninstall(): Promise<void> {
  const forced = await clearNamespace({ api, namespace, graceMs: grace * 1_000, log })
  await retireOperator({ api, namespace, deployment, lease, deadlineMs: grace * 1_000 })
  // a standby that led for a moment on its way out made the default pool again
  await clearNamespace({ api, namespace, graceMs: 5_000, log })
  log.info('uninstall.done', { forced })
}
