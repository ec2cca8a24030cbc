/** The cookie that makes one viewer one viewer, whichever edge Pod answers: an id and its signature, valid under one broadcast's path. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const cookieName = 'mytaek1_viewer'
const idBytes = 12
const signatureBytes = 9
const maxAgeSeconds = 86_400
const valuePattern = /^([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{12})$/

/** The cookie's raw value in a Cookie header, unverified; undefined where there is none. */
export function viewerValueIn(cookieHeader: string): string | undefined {
  const start = cookieHeader.indexOf(`${cookieName}=`)
  if (start === -1) return undefined
  const end = cookieHeader.indexOf(';', start)
  return cookieHeader.slice(start + cookieName.length + 1, end === -1 ? undefined : end).trim()
}

/** Whether we issued this value for this broadcast, in constant time. */
export function isViewerValue(value: string, broadcast: string, secret: string): boolean {
  const [, id, signature] = valuePattern.exec(value) ?? []
  if (id === undefined || signature === undefined) return false
  return timingSafeEqual(Buffer.from(signature), Buffer.from(sign(id, broadcast, secret)))
}

/** A Set-Cookie value for a new viewer. `secure` where the viewer came by HTTPS. */
export function newViewerCookie(broadcast: string, secret: string, secure: boolean): string {
  const id = randomBytes(idBytes).toString('base64url')
  const value = `${id}.${sign(id, broadcast, secret)}`
  const attributes = `Path=/hls/${broadcast}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax`
  return `${cookieName}=${value}; ${attributes}${secure ? '; Secure' : ''}`
}

function sign(id: string, broadcast: string, secret: string): string {
  const digest = createHmac('sha256', secret).update(`viewer\n${broadcast}\n${id}`).digest()
  return digest.subarray(0, signatureBytes).toString('base64url')
}
