import { broadcastShape, type Broadcast } from '@mytaek1/contracts/broadcast-resource.ts'
import { kubectlJson } from './platform-under-test.ts'
import { notYet, waitFor } from './wait-for.ts'

/** Reads a Broadcast through kubectl. */
export async function readBroadcast(name: string): Promise<Broadcast> {
  return broadcastShape.parse(await kubectlJson(['get', 'broadcast', name]))
}

/** Waits until the Broadcast's condition has the status; answers the Broadcast as it then is. */
export async function waitForCondition(
  name: string,
  type: string,
  status: string,
  timeoutSeconds = 120,
): Promise<Broadcast> {
  return await waitFor(`broadcast ${name} to be ${type}=${status}`, timeoutSeconds, async () => {
    const broadcast = await readBroadcast(name)
    const condition = broadcast.status?.conditions?.find((each) => each.type === type)
    return condition?.status === status ? broadcast : notYet(broadcast.status)
  })
}
