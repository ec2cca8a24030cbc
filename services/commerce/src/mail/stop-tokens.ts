import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/**
 * The tokens by which somebody who reads a mail wants no more of its kind, without signing in: which follower, of which
 * seller, and a signature. They do not run out, are kept nowhere, and can do nothing else.
 */
export interface StopTokens {
  make(of: { followerId: string; sellerId: string }): string
  /** Undefined: no key of ours made it. */
  read(token: string): { followerId: string; sellerId: string } | undefined
}

/** @param secrets of the service: the first makes tokens; those that another made are good while that is among them. */
export function createStopTokens(secrets: readonly [string, ...string[]]): StopTokens {
  const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'mails that are not wanted', 32)))
  const sign = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  return {
    make: ({ followerId, sellerId }) => {
      const text = `${followerId}.${sellerId}`
      return `${text}.${sign(keys[0] ?? Buffer.alloc(0), text).toString('base64url')}`
    },
    read: (token) => {
      const [followerId = '', sellerId = '', signature = ''] = token.split('.')
      const given = Buffer.from(signature, 'base64url')
      const isOurs = keys.some((key) => {
        const right = sign(key, `${followerId}.${sellerId}`)
        return given.length === right.length && timingSafeEqual(given, right)
      })
      return isOurs ? { followerId, sellerId } : undefined
    },
  }
}
