import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { isNotFound } from '@mytaek1/platform/kubernetes/error.ts'
import { pathOf } from '@mytaek1/platform/kubernetes/resource.ts'
import { z } from 'zod'
import { leases } from '@mytaek1/platform/kubernetes/lease.ts'
import { pods } from './kubernetes/api.ts'

const pollMs = 500
const deployments = { apiVersion: 'apps/v1', plural: 'deployments' }
const scaleShape = z.object({ status: z.object({ selector: z.string() }) })
const listShape = z.object({ items: z.array(z.unknown()) })

/**
 * Ends the operator's Pods and removes its Lease. In that order: a standby would make a new Lease.
 *
 * @param options.deployment name of the operator's Deployment; `lease` of its Lease.
 * @throws {Error} Pods were still there after `deadlineMs`.
 * @throws {KubernetesError} the apiserver refuses or does not answer.
 */
export async function retireOperator(options: {
  api: KubernetesApi
  namespace: string
  deployment: string
  lease: string
  deadlineMs: number
}): Promise<void> {
  const { api, namespace, deployment, lease, deadlineMs } = options
  const deadline = performance.now() + deadlineMs
  const scale = await orGone(
    api.call({
      method: 'PATCH',
      path: pathOf(deployments, { namespace, name: deployment, subresource: 'scale' }),
      body: { spec: { replicas: 0 } },
      contentType: 'application/merge-patch+json',
    }),
  )
  if (scale !== undefined) {
    const query = { labelSelector: scaleShape.parse(scale).status.selector }
    for (;;) {
      const { items } = listShape.parse(await api.call({ method: 'GET', path: pathOf(pods, { namespace }), query }))
      if (items.length === 0) break
      if (performance.now() > deadline)
        throw new Error(`${items.length} Pods of ${deployment} have not ended in ${deadlineMs} ms`)
      await sleep(pollMs)
    }
  }
  await orGone(api.delete(leases, { namespace, name: lease }))
}

async function orGone(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
