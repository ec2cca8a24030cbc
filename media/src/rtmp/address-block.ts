/** Who counts as one peer: an IPv4 address, or all of an IPv6 /64, which one customer has for itself (RFC 6177). */
import { isIPv6 } from 'node:net'

const mappedIpv4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i // RFC 4291 section 2.5.5.2; what a dual-stack socket shows

/**
 * Names the block an address is counted under; what is no IPv6 address is its own block.
 *
 * @returns e.g. "192.0.2.1" for that and for "::ffff:192.0.2.1"; "2001:db8:0:7::/64" for "2001:db8:0:7::1".
 */
export function addressBlock(address: string): string {
  const [mapped] = mappedIpv4.exec(address)?.slice(1) ?? []
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? []
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    const written = after.length + (tail.includes('.') ? 1 : 0) // a dotted quad is two groups
    while (groups.length < 8 - written) groups.push('0')
    groups.push(...after)
  }
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}
