/** Cuts the connections that a Pod has to the apiserver without either side being told, as a lost NAT entry does. */
import { readFile } from 'node:fs/promises'
import { findPodProcess } from '../cluster/node/components.ts'
import { clusterNetwork } from '../cluster/node/network.ts'
import { run } from '../cluster/host/run.ts'

const established = '01'

/**
 * From now on nothing comes through any connection that the Pod has to the apiserver; new ones work.
 *
 * @returns how many were cut, and what restores them.
 */
export async function cutConnections(podUid: string): Promise<{ count: number; restore: () => Promise<void> }> {
  const pid = await findPodProcess(podUid)
  if (pid === undefined) throw new Error(`no process of the Pod ${podUid} runs`)
  const table = await readFile(`/proc/${pid}/net/tcp`, 'utf8')
  const ports = portsTo(table, clusterNetwork.apiserverService, 443)
  const rules = ports.flatMap((port) => [
    ['OUTPUT', '-p', 'tcp', '--sport', String(port), '-d', clusterNetwork.apiserverService, '-j', 'DROP'],
    ['INPUT', '-p', 'tcp', '--dport', String(port), '-s', clusterNetwork.apiserverService, '-j', 'DROP'],
  ])
  const change = async (verb: '-I' | '-D') => {
    for (const rule of rules) await run('nsenter', ['-t', String(pid), '-n', 'iptables', '-w', verb, ...rule])
  }
  await change('-I')
  // A Pod that is gone took its rules along.
  return { count: ports.length, restore: () => change('-D').catch(() => undefined) }
}

/** Local ports of the established connections to an address, from the text of /proc/net/tcp (numbers are hexadecimal, addresses little-endian). */
export function portsTo(table: string, address: string, port: number): number[] {
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0')
  const octets = address.split('.').map((octet) => hex(Number(octet), 2))
  const remote = `${octets.toReversed().join('')}:${hex(port, 4)}`
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , to, state]) => to === remote && state === established)
    .map(([, from = '']) => Number.parseInt(from.split(':')[1] ?? '', 16))
}
