/**
 * The doorkeeper: one small process per cluster that outlives `make up`. It hands out LoadBalancer addresses, as a
 * cloud would, and forwards the ports of 127.0.0.1 to them.
 *
 * Its one argument is the JSON of {@link DoorkeeperTask}. It ends on SIGTERM.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { openDoor } from './forward.ts'
import { openKubeApi } from './kube-api.ts'
import { assignAddresses, type LoadBalancerService, loadBalancerServices, targetOf } from './load-balancer.ts'
import { doors, doorNames, type Ports } from '../host/settings.ts'

/** What the doorkeeper is started with. */
export type DoorkeeperTask = { kubeconfig: string; ports: Ports; addresses: string[] }

const pollMs = 1_000

const [argument] = process.argv.slice(2)
if (argument === undefined) throw new Error('the doorkeeper is started by `make up`, with its task as argument')
await keepDoors(JSON.parse(argument) as DoorkeeperTask)

async function keepDoors({ kubeconfig, ports, addresses }: DoorkeeperTask): Promise<void> {
  const stopping = new AbortController()
  process.once('SIGTERM', () => stopping.abort())
  let services: LoadBalancerService[] = []
  const servers = await Promise.all(
    doorNames.map((door) => openDoor(door, ports[door], () => targetOf(doors[door].servicePort, services))),
  )
  console.log(JSON.stringify({ event: 'doors.open', ports }))
  const api = await openKubeApi(kubeconfig)
  let lastError = ''
  while (!stopping.signal.aborted) {
    try {
      services = loadBalancerServices(await api('GET', '/api/v1/services'))
      for (const { namespace, name, address } of assignAddresses(services, addresses)) {
        const status = { loadBalancer: { ingress: [{ ip: address }] } }
        await api('PATCH', `/api/v1/namespaces/${namespace}/services/${name}/status`, { status })
        console.log(JSON.stringify({ event: 'address.assigned', namespace, name, address }))
      }
      lastError = ''
    } catch (error) {
      // The API is not up yet, or restarts: the doors keep leading where they led. Said once, not every second.
      const message = String(error)
      if (message !== lastError) console.log(JSON.stringify({ event: 'api.unreachable', message }))
      lastError = message
    }
    await sleep(pollMs, undefined, { signal: stopping.signal }).catch(() => {})
  }
  for (const server of servers) server.close()
  process.exit(0)
}
