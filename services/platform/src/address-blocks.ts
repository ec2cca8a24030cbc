/** Blocks of addresses by which proxies are known: CIDR, IPv4 and IPv6. */
import { BlockList, isIP } from 'node:net'

const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i // RFC 4291 section 2.5.5.2; what a dual-stack socket shows

/** @throws RangeError naming what is no block such as 192.0.2.0/24 or 2001:db8::/32. */
export function blockListOf(blocks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const block of blocks) {
    const [address = '', prefix = ''] = block.split('/')
    const family = isIP(address)
    if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128))
      throw new RangeError(`${block} is no block of addresses such as 192.0.2.0/24`)
    list.addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

/** Whether an address is in one of them; an IPv4 address that came over IPv6 is itself. */
export function isWithin(list: BlockList, address: string): boolean {
  const plain = plainAddress(address)
  const family = isIP(plain)
  return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6')
}

/** An address without spaces around it, and an IPv4 address that came over IPv6 as itself. */
export function plainAddress(address: string): string {
  const trimmed = address.trim()
  return mapped.exec(trimmed)?.[1] ?? trimmed
}
