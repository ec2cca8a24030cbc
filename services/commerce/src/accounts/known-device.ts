/**
 * A cookie that tells a browser from which an account was signed in to before. It is no sign-in: it lets its owner try
 * again while strangers are guessing the password elsewhere. OWASP calls it a device cookie.
 */
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Context } from 'koa'

const lifeSeconds = 365 * 86_400
const secureName = '__Host-mytaek1-device'
const plainName = 'mytaek1-device'

/** Makes and reads device cookies. */
export interface KnownDevices {
  /** Notes that this browser has signed in to the account. */
  remember(ctx: Context, accountId: string): void
  /** Which of the account's browsers a request comes from; undefined: from one that never signed in to it. */
  recognise(ctx: Context, accountId: string): string | undefined
}

/** @param secret of the service, from which the key is derived: every Pod knows the others' cookies. */
export function createKnownDevices(secret: string): KnownDevices {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'known devices', 32))
  const macOf = (accountId: string, device: string) =>
    createHmac('sha256', key).update(`${accountId}\n${device}`).digest('base64url')
  return {
    remember: (ctx, accountId) => {
      const device = randomBytes(12).toString('base64url')
      const life = `; Path=/; HttpOnly; SameSite=Strict; Max-Age=${lifeSeconds}${ctx.secure ? '; Secure' : ''}`
      ctx.append('set-cookie', `${nameOf(ctx)}=${device}.${macOf(accountId, device)}${life}`)
    },
    recognise: (ctx, accountId) => {
      const [device = '', mac = ''] = (ctx.cookies.get(nameOf(ctx)) ?? '').split('.')
      const [given, right] = [Buffer.from(mac), Buffer.from(macOf(accountId, device))]
      return given.length === right.length && timingSafeEqual(given, right) ? device : undefined
    },
  }
}

const nameOf = (ctx: Context) => (ctx.secure ? secureName : plainName)
