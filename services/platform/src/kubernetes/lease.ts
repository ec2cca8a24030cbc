import { z } from 'zod'
import type { Resource } from './resource.ts'

const leaseShape = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
  }),
  spec: z
    .object({
      holderIdentity: z.string().optional(),
      leaseDurationSeconds: z.number().optional(),
      acquireTime: z.string().optional(),
      renewTime: z.string().optional(),
      leaseTransitions: z.number().optional(),
    })
    .default({}),
})
export type Lease = z.infer<typeof leaseShape>

/** Leases: who leads, and that a process lives (KEP-589 does the same for nodes). */
export const leases: Resource<Lease> = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  parse: (value) => leaseShape.parse(value),
}

/**
 * A MicroTime: RFC 3339 with exactly six fractional digits. `toISOString()` has three, which the apiserver refuses.
 */
export const microTime = (date: Date) => date.toISOString().replace('Z', '000Z')
