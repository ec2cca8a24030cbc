/**
 * The kinds that the operator reads and writes besides its own, cut to the fields it uses (thousands are cached).
 *
 * Verbs used, all in the operator's own namespace; the chart's Role must have these and no others:
 * | resource                                  | verbs                                       | by                          |
 * |-------------------------------------------|---------------------------------------------|-----------------------------|
 * | live.mytaek1.dev broadcasts               | get list watch patch                        | reflector; finalizer        |
 * | live.mytaek1.dev broadcasts/status        | patch                                       | status                      |
 * | live.mytaek1.dev broadcasts/finalizers    | update                                      | blockOwnerDeletion          |
 * | live.mytaek1.dev mediapools               | list watch create patch                     | reflector; the default pool |
 * | live.mytaek1.dev mediapools/status        | patch                                       | status                      |
 * | live.mytaek1.dev mediapools/finalizers    | update                                      | blockOwnerDeletion          |
 * | pods                                      | list watch create patch delete              | stream Pods; drains         |
 * | pods/resize                               | patch                                       | raising an adopted Pod      |
 * | secrets                                   | get                                         | streamKey.secretRef         |
 * | events.k8s.io events                      | create patch                                | recorder                    |
 * | coordination.k8s.io leases                | list watch create update                    | elector; heartbeats         |
 * | namespaces                                | get                                         | whether its own is ending   |
 */
import { z } from 'zod'
import type { KubernetesObject, Resource } from '@mytaek1/platform/kubernetes/resource.ts'

const ownerShape = z.object({ kind: z.string(), name: z.string(), uid: z.string() })

const containerShape = z.object({
  name: z.string(),
  resources: z.object({ requests: z.record(z.string(), z.string()).optional() }).optional(),
})

const containerStatusShape = z.object({
  name: z.string(),
  image: z.string().default(''),
  state: z
    .object({
      waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
      terminated: z.object({ reason: z.string().optional(), exitCode: z.number().optional() }).optional(),
    })
    .optional(),
})

const podShape = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    creationTimestamp: z.string(),
    deletionTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(ownerShape).default([]),
  }),
  spec: z.object({
    nodeName: z.string().optional(), // absent until it is scheduled
    containers: z.array(containerShape),
    initContainers: z.array(containerShape).optional(),
  }),
  status: z
    .object({
      phase: z.string().optional(),
      podIP: z.string().optional(),
      containerStatuses: z.array(containerStatusShape).optional(),
      initContainerStatuses: z.array(containerStatusShape).optional(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().optional(),
            message: z.string().optional(),
            lastTransitionTime: z.string().nullish(),
          }),
        )
        .optional(),
    })
    .default({}),
})
export type Pod = z.infer<typeof podShape>
export const pods: Resource<Pod> = {
  apiVersion: 'v1',
  kind: 'Pod',
  plural: 'pods',
  parse: (value) => podShape.parse(value),
}

/** The Pod in an answer that may also be a Status. */
export const podOrNothing = (value: unknown): Pod | undefined => podShape.safeParse(value).data

const secretShape = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
  }),
  data: z.record(z.string(), z.string()).default({}), // base64
})
export const secrets: Resource<z.infer<typeof secretShape>> = {
  apiVersion: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  parse: (value) => secretShape.parse(value),
}

const eventShape = z.object({ metadata: z.object({ name: z.string(), uid: z.string(), resourceVersion: z.string() }) })
export const events: Resource<KubernetesObject> = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  plural: 'events',
  parse: (value) => eventShape.parse(value),
}
