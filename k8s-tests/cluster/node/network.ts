import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { withFileLock } from '../host/file-lock.ts'

/** How many clusters one machine can hold: 10.233.0.0/16 in steps of four /24 networks. */
export const slotCount = 64

/** The addresses and interface names of one cluster. Service and Pod networks lie inside its namespaces and may repeat. */
export type Network = {
  slot: number
  hostInterface: string
  nodeInterface: string
  /** The host's end of the pair; prefix length 24. */
  hostAddress: string
  nodeAddress: string
  /** The route from the host to LoadBalancer addresses. */
  loadBalancerCidr: string
  /** LoadBalancer addresses in the order in which they are given out. */
  loadBalancerAddresses: string[]
}

/** Inside the node, the same for every cluster. */
export const clusterNetwork = {
  podCidr: '10.244.0.0/22',
  serviceCidr: '10.96.0.0/16',
  apiserverService: '10.96.0.1',
  dnsService: '10.96.0.10',
} as const

/** The network of one slot. */
export function networkFor(slot: number): Network {
  if (!Number.isInteger(slot) || slot < 0 || slot >= slotCount)
    throw new RangeError(`no network slot ${slot}: 0 to ${slotCount - 1}`)
  const third = slot * 4
  return {
    slot,
    hostInterface: `mytaek1h${slot}`,
    nodeInterface: `mytaek1n${slot}`,
    hostAddress: `10.233.${third}.1`,
    nodeAddress: `10.233.${third}.2`,
    loadBalancerCidr: `10.233.${third + 1}.0/24`,
    loadBalancerAddresses: Array.from({ length: 32 }, (_, index) => `10.233.${third + 1}.${index + 1}`),
  }
}

/**
 * Picks the slot of a checkout: the one it has, else the one its key prefers, else the next free one.
 *
 * @param claimed which checkout holds which slot.
 * @throws {Error} every slot belongs to another checkout.
 */
export function chooseSlot(checkoutKey: string, claimed: Readonly<Record<string, string>>): number {
  for (let slot = 0; slot < slotCount; slot++) if (claimed[slot] === checkoutKey) return slot
  const preferred = Number.parseInt(checkoutKey.slice(0, 6), 16) % slotCount
  for (let step = 0; step < slotCount; step++) {
    const slot = (preferred + step) % slotCount
    if (claimed[slot] === undefined) return slot
  }
  throw new Error(`all ${slotCount} network slots of this machine are taken; \`make down\` in a checkout frees its own`)
}

/** Claims a slot for a checkout in the cache's register, under a lock; asking again gives the same one. */
export async function claimSlot(cache: string, checkoutKey: string): Promise<number> {
  return await changeRegister(cache, (claimed) => {
    const slot = chooseSlot(checkoutKey, claimed)
    claimed[slot] = checkoutKey
    return slot
  })
}

/** Gives a checkout's slot back. */
export async function releaseSlot(cache: string, checkoutKey: string): Promise<void> {
  await changeRegister(cache, (claimed) => {
    for (const [slot, owner] of Object.entries(claimed)) if (owner === checkoutKey) delete claimed[slot]
  })
}

async function changeRegister<T>(cache: string, change: (claimed: Record<string, string>) => T): Promise<T> {
  const file = path.join(cache, 'clusters', 'slots.json')
  await mkdir(path.dirname(file), { recursive: true })
  return await withFileLock(`${file}.lock`, 'network slots', async () => {
    const text = await readFile(file, 'utf8').catch(() => '{}')
    const claimed = JSON.parse(text) as Record<string, string>
    const result = change(claimed)
    await writeFile(file, JSON.stringify(claimed))
    return result
  })
}
