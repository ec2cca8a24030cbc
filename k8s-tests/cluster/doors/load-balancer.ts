/** The part of a Service of type LoadBalancer that addresses are decided by. */
export type LoadBalancerService = {
  namespace: string
  name: string
  createdAt: string
  ports: number[]
  /** The address in its status, if it has one. */
  address?: string
}

/** An address to be written into a Service's status. */
export type Assignment = { namespace: string; name: string; address: string }

/** Where a host port leads. */
export type Target = { address: string; port: number }

/** Picks the LoadBalancer Services out of a ServiceList as the API sends it. */
export function loadBalancerServices(list: unknown): LoadBalancerService[] {
  const { items } = list as {
    items: {
      metadata: { namespace: string; name: string; creationTimestamp: string }
      spec: { type?: string; loadBalancerClass?: string; ports?: { port: number; protocol?: string }[] }
      status?: { loadBalancer?: { ingress?: { ip?: string }[] } }
    }[]
  }
  const services: LoadBalancerService[] = []
  for (const { metadata, spec, status } of items) {
    if (spec.type !== 'LoadBalancer' || spec.loadBalancerClass !== undefined) continue
    const address = status?.loadBalancer?.ingress?.[0]?.ip
    services.push({
      namespace: metadata.namespace,
      name: metadata.name,
      createdAt: metadata.creationTimestamp,
      ports: (spec.ports ?? []).filter((port) => (port.protocol ?? 'TCP') === 'TCP').map((port) => port.port),
      ...(address ? { address } : {}),
    })
  }
  return services.toSorted(byAge)
}

/**
 * Decides which Services get which address: the oldest first, an address once given is kept, none is given twice.
 * A Service that finds the range used up waits for one to be freed.
 */
export function assignAddresses(services: readonly LoadBalancerService[], range: readonly string[]): Assignment[] {
  const taken = new Set<string>()
  const waiting: LoadBalancerService[] = []
  for (const service of services.toSorted(byAge)) {
    if (service.address !== undefined && range.includes(service.address) && !taken.has(service.address))
      taken.add(service.address)
    else waiting.push(service)
  }
  const assignments: Assignment[] = []
  for (const { namespace, name } of waiting) {
    const address = range.find((candidate) => !taken.has(candidate))
    if (address === undefined) break
    taken.add(address)
    assignments.push({ namespace, name, address })
  }
  return assignments
}

/** Where a port of the host leads: the oldest Service that has an address and that port. */
export function targetOf(servicePort: number, services: readonly LoadBalancerService[]): Target | undefined {
  for (const service of services.toSorted(byAge)) {
    if (service.address !== undefined && service.ports.includes(servicePort))
      return { address: service.address, port: servicePort }
  }
  return undefined
}

const byAge = (a: LoadBalancerService, b: LoadBalancerService): number =>
  a.createdAt === b.createdAt
    ? `${a.namespace}/${a.name}` < `${b.namespace}/${b.name}`
      ? -1
      : 1
    : a.createdAt < b.createdAt
      ? -1
      : 1
