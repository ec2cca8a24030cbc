/**
 * The Job of who renders the chart without a cluster: makes the Secrets that were not given, in the cluster, once. Rendered they
 * would be others each time, and the stores keep the first.
 */
import { commonVariables, optionalText, readEnvOrExit, text } from '@mytaek1/platform/env.ts'
import { connectKubernetes } from '@mytaek1/platform/kubernetes/api.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { keepSecret } from './keep-secret.ts'
import { recipes } from './recipe.ts'

const config = readEnvOrExit({
  LOG_LEVEL: commonVariables.LOG_LEVEL,
  NAMESPACE: text('default'),
  KUBECONFIG: optionalText(),
  SECRETS: text('[]'), // JSON of `recipes`
})
const namespace = config.NAMESPACE
const log = createLogger({ service: 'secrets', level: config.LOG_LEVEL })
const api = await connectKubernetes({ kubeconfig: config.KUBECONFIG, userAgent: 'mytaek1-secrets' })
try {
  for (const recipe of recipes.parse(JSON.parse(config.SECRETS))) {
    const keys = await keepSecret({ api, namespace, recipe })
    log.info('secrets.kept', { name: recipe.name, made: keys })
  }
} finally {
  api.close()
}
