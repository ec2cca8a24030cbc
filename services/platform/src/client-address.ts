import { isIPv6 } from 'node:net'

const blockGroups = 4 // a /64 is one customer's: whoever has one address of it has all

/**
 * What limits count by: an IPv4 address, or the /64 of an IPv6 one, of which a client has 2^64 to choose from. An IPv4
 * address written as IPv6 (`::ffff:203.0.113.7`) is the IPv4 one. Anything else is taken as it is.
 *
 * @see RFC 6177 section 2 (a site has a /64 at least)
 */
export function clientBlock(address: string): string {
  const [bare = ''] = address.split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(bare)) return address
  const [head = '', tail] = bare.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing =
    tail === undefined ? 0 : 8 - left.length - right.reduce((n, part) => n + (part.includes('.') ? 2 : 1), 0)
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right]
  const block = groups.slice(0, blockGroups).map((group) => Number.parseInt(group, 16).toString(16))
  return `${block.join(':')}::/64`
}
