import { labels, liveApi } from '@mytaek1/contracts/broadcast-resource.ts'
import type { Broadcast, MediaPool } from '@mytaek1/contracts/broadcast-resource.ts'
import { pods } from '../kubernetes/api.ts'
import { liveCpuAnnotation, templateHashAnnotation } from './state.ts'
import { templateHash, type PodTemplate, type TemplateContainer } from './template.ts'

/** What the containers of a Pod without a stream ask the scheduler for; they only wait, and sidecars for those. */
const warmCpu = { container: '20m', sidecar: '5m' }

/** A live stream must not be moved for tidiness by cluster-autoscaler or Karpenter. */
const doNotMove = {
  'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
  'karpenter.sh/do-not-disrupt': 'true',
}

interface Owner {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller: true
  blockOwnerDeletion: true
}

/** The Pod of one broadcast made for it alone, where no warm one was there. It counts into `pool` if given. */
export function desiredLivePod(options: {
  name: string
  broadcast: Broadcast
  pool: string | undefined
  template: PodTemplate
}): object {
  const { name, broadcast, pool, template } = options
  const own = { [labels.broadcast]: broadcast.metadata.name, ...(pool === undefined ? {} : { [labels.pool]: pool }) }
  return assemble({
    name,
    namespace: broadcast.metadata.namespace,
    template,
    labels: own,
    annotations: doNotMove,
    owner: ownerOf('Broadcast', broadcast.metadata),
    spec: template.spec,
  })
}

/** A Pod that waits for a broadcast: next to no CPU requested, raised when it goes live. */
export function desiredWarmPod(options: { name: string; pool: MediaPool; template: PodTemplate }): object {
  const { name, pool, template } = options
  const live: Record<string, string> = {}
  const lower = (container: TemplateContainer, warm: string) => {
    const cpu = container.resources?.requests?.['cpu']
    if (cpu === undefined || millicores(cpu) <= millicores(warm)) return container
    live[container.name] = cpu
    return {
      ...container,
      resources: { ...container.resources, requests: { ...container.resources?.requests, cpu: warm } },
    }
  }
  const containers = template.spec.containers.map((one) => lower(one, warmCpu.container))
  const initContainers = template.spec.initContainers?.map((one) =>
    one.restartPolicy === 'Always' ? lower(one, warmCpu.sidecar) : one,
  )
  return assemble({
    name,
    namespace: pool.metadata.namespace,
    template,
    labels: { [labels.pool]: pool.metadata.name },
    annotations: {
      'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true',
      ...(Object.keys(live).length === 0 ? {} : { [liveCpuAnnotation]: JSON.stringify(live) }),
    },
    owner: ownerOf('MediaPool', pool.metadata),
    spec: { ...template.spec, containers, initContainers },
  })
}

/** What adoption changes on a warm Pod, as a merge patch: whose it is, and that it must not be moved. */
export function adoptionPatch(broadcast: Broadcast): { metadata: Record<string, unknown> } {
  return {
    metadata: {
      labels: { [labels.broadcast]: broadcast.metadata.name },
      annotations: doNotMove,
      ownerReferences: [ownerOf('Broadcast', broadcast.metadata)],
    },
  }
}

/** CPU as Kubernetes writes it ("500m", "0.5", "2") in thousandths of a core. */
export const millicores = (quantity: string) =>
  quantity.endsWith('m') ? Number(quantity.slice(0, -1)) : Number(quantity) * 1_000

function assemble(parts: {
  name: string
  namespace: string
  template: PodTemplate
  labels: Record<string, string>
  annotations: Record<string, string>
  owner: Owner
  spec: PodTemplate['spec']
}): object {
  const { name, namespace, template, owner, spec } = parts
  return {
    apiVersion: pods.apiVersion,
    kind: pods.kind,
    metadata: {
      name,
      namespace,
      labels: {
        ...template.metadata.labels,
        [labels.name]: 'mytaek1',
        [labels.component]: 'stream',
        ...parts.labels,
      },
      annotations: {
        ...template.metadata.annotations,
        ...parts.annotations,
        [templateHashAnnotation]: templateHash(template),
      },
      ownerReferences: [owner],
    },
    // Never restarted in place: another Pod takes over within a fraction of a second, and with clean state.
    spec: { ...spec, restartPolicy: 'Never' },
  }
}

const ownerOf = (kind: string, { name, uid }: { name: string; uid: string }): Owner => ({
  apiVersion: liveApi.apiVersion,
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
})
