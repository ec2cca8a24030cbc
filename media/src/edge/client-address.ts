/** Who asks, as far as an address tells: through which proxies, and of which block of addresses. */
import { type BlockList, isIP } from 'node:net'
import { blockListOf, isWithin, plainAddress } from '@mytaek1/platform/address-blocks.ts'

/** Addresses that translation or a cluster gives: they say nothing of the viewers behind them. */
const translated = blockListOf([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10', // RFC 6598
  '127.0.0.0/8',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
])

/**
 * Tells viewers' addresses from those of proxies (a CDN) that are known by their own addresses.
 *
 * @throws RangeError for what is no CIDR block.
 */
export class ClientAddresses {
  readonly #proxies: BlockList
  readonly #hasProxies: boolean

  constructor(trustedProxies: readonly string[] = []) {
    this.#proxies = blockListOf(trustedProxies)
    this.#hasProxies = trustedProxies.length > 0
  }

  /**
   * The last address of the way that is no trusted proxy's: whoever is before that could have written anything.
   *
   * @param forwardedFor X-Forwarded-For, whose last entry the proxy before us wrote.
   */
  clientOf(forwardedFor: string | undefined, remoteAddress: string): string {
    if (forwardedFor === undefined) return plainAddress(remoteAddress)
    const hops = forwardedFor.split(',')
    let hop = plainAddress(hops.pop() ?? '')
    while (this.#hasProxies && hops.length > 0 && isWithin(this.#proxies, hop)) hop = plainAddress(hops.pop() ?? '')
    return hop
  }

  /**
   * The block whose viewers are counted together at most so often: an IPv4 /24, an IPv6 /64. Nothing where an address does
   * not tell viewers apart: a proxy's, a cluster's, or none.
   */
  blockOf(address: string): string | undefined {
    if (isWithin(translated, address) || (this.#hasProxies && isWithin(this.#proxies, address))) return undefined
    const family = isIP(address)
    if (family === 4) return `${address.slice(0, address.lastIndexOf('.'))}.0/24`
    return family === 6 ? `${firstGroups(address, 4).join(':')}::/64` : undefined
  }
}

function firstGroups(address: string, count: number): string[] {
  const [before = '', after] = address.split('%')[0]?.split('::') ?? []
  const groups = before === '' ? [] : before.split(':')
  const missing = 8 - groups.length - (after === undefined || after === '' ? 0 : after.split(':').length)
  if (after !== undefined) groups.push(...Array.from({ length: Math.max(0, missing) }, () => '0'), ...after.split(':'))
  return groups.slice(0, count).map((group) => (Number.parseInt(group, 16) || 0).toString(16))
}
