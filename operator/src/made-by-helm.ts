import type { KubernetesApi } from '@mytaek1/platform/kubernetes/api.ts'
import { pathOf } from '@mytaek1/platform/kubernetes/resource.ts'
import { z } from 'zod'

const jobs = { apiVersion: 'batch/v1', plural: 'jobs' }
const applied = 'kubectl.kubernetes.io/last-applied-configuration'

const shape = z.object({
  metadata: z.object({
    annotations: z.record(z.string(), z.string()).default({}),
    managedFields: z
      .array(z.object({ manager: z.string().default(''), subresource: z.string().optional() }))
      .default([]),
  }),
})

/**
 * Whether Helm itself made the Job of its hook. A hook is YAML like any other to who renders a chart and applies all of it,
 * and this one ends every Broadcast. The apiserver notes who wrote an object: Helm, and what is built on it (Flux, Terraform's
 * provider), by a name with "helm" in it; kubectl and Argo CD by theirs.
 *
 * @throws {KubernetesError} the Job cannot be read. {z.ZodError} it is not what it should be.
 */
export async function isMadeByHelm(options: { api: KubernetesApi; namespace: string; job: string }): Promise<boolean> {
  const { api, namespace, job } = options
  const found = await api.call({ method: 'GET', path: pathOf(jobs, { namespace, name: job }) })
  const { annotations, managedFields } = shape.parse(found).metadata
  // the Job controller writes the status only
  const writers = managedFields.filter(({ subresource }) => subresource === undefined)
  return annotations[applied] === undefined && writers.some(({ manager }) => /helm/i.test(manager))
}
