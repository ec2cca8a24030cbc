import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** The edge's own metrics; the HPA scales on CPU, these tell why. */
export function edgeMetrics(
  registry: Registry,
  current: {
    held: () => number
    connections: () => number
    cacheBytes: () => number
    backlogBytes: () => number
    fetchBytes?: () => number
    viewers: () => number
    routes: () => number
  },
) {
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  return {
    held: gauge('edge_held_requests', 'Requests waiting for what is not there yet', current.held),
    connections: gauge('edge_connections', 'Client connections', current.connections),
    cacheBytes: gauge('edge_cache_bytes', 'Bytes kept for viewers', current.cacheBytes),
    backlogBytes: gauge(
      'edge_backlog_bytes',
      'Bytes kept for readers that have not taken them yet',
      current.backlogBytes,
    ),
    fetchBytes: gauge(
      'edge_fetch_bytes',
      'Bytes of answers that are on their way from Pods and the object store',
      current.fetchBytes ?? (() => 0),
    ),
    viewers: gauge('edge_viewers', 'Viewers this process saw in the last seconds', current.viewers),
    routes: gauge('edge_routes', 'Broadcasts with a Pod', current.routes),
    answered: countAnswers(registers),
    lookedUp: countLookUps(registers),
    /** Takes milliseconds. */
    heldFor: spread(registers, {
      name: 'edge_hold_seconds',
      help: 'Seconds that the first request for a thing waited until it was there, one observation a thing',
      bounds: [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 6, 10, 20],
    }),
    /** Takes milliseconds. What the Pod needed before is not in it: its clock is another. */
    released: spread(registers, {
      name: 'edge_release_seconds',
      help: 'Seconds from the end of a Pod’s answer until all who waited for it were written it',
      bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    }),
    upstream: new Counter({
      name: 'edge_upstream_requests_total',
      help: 'Requests to stream Pods, by what was asked and the status (0: no answer)',
      labelNames: ['kind', 'status'],
      registers,
    }),
    shed: new Counter({
      name: 'edge_shed_total',
      help: 'Requests refused to protect the others',
      labelNames: ['reason'],
      registers,
    }),
  }
}

export type EdgeMetrics = ReturnType<typeof edgeMetrics>

/** Counts cache hits and misses, as cheaply. */
function countLookUps(registers: Registry[]) {
  let hits = 0
  let misses = 0
  const lookUps = new Counter({
    name: 'edge_cache_lookups_total',
    help: 'Requests looked up in memory: a hit was there, a miss waits for one request to a Pod, its own or another’s',
    labelNames: ['result'],
    registers,
    collect() {
      this.inc({ result: 'hit' }, hits)
      this.inc({ result: 'miss' }, misses)
      hits = misses = 0
    },
  })
  const lookedUp = (isHit: boolean): void => {
    if (isHit) hits += 1
    else misses += 1
  }
  return Object.assign(lookedUp, { lookUps })
}

/** A histogram of seconds that takes milliseconds; its function is made once, not for each value. */
function spread(registers: Registry[], { name, help, bounds }: { name: string; help: string; bounds: number[] }) {
  const unlabelled = new Histogram({ name, help, buckets: bounds, registers }).labels()
  return (ms: number): void => unlabelled.observe(ms / 1_000)
}

/** Counts answers in plain numbers and hands them over when metrics are read: labels cost more than the answer. */
function countAnswers(registers: Registry[]) {
  const counts = new Map<string, number[]>() // by kind: answers by status class
  let bytes = 0
  const requests = new Counter({
    name: 'edge_requests_total',
    help: 'Requests answered, by what was asked and the status class',
    labelNames: ['kind', 'status'],
    registers,
    collect() {
      for (const [kind, classes] of counts) {
        for (const [hundreds, count] of classes.entries())
          if (count > 0) this.inc({ kind, status: `${hundreds}xx` }, count)
        classes.fill(0)
      }
    },
  })
  const sent = new Counter({
    name: 'edge_sent_bytes_total',
    help: 'Bytes given to viewers, heads included',
    registers,
    collect() {
      this.inc(bytes)
      bytes = 0
    },
  })
  const answered = (kind: string, status: number, length: number): void => {
    let classes = counts.get(kind)
    if (classes === undefined) counts.set(kind, (classes = [0, 0, 0, 0, 0, 0]))
    const hundreds = Math.floor(status / 100)
    classes[hundreds] = (classes[hundreds] ?? 0) + 1
    bytes += length
  }
  return Object.assign(answered, { requests, sent })
}
