import { createHash, randomBytes } from 'node:crypto'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567' // RFC 4648 base 32, lower case
// A fixed prefix lets secret scanners find a key that was pasted somewhere (as for GitHub's tokens).
const prefix = 'mtk_'

/** A stream key, shown to its owner once, and what is kept of it. */
export interface IssuedStreamKey {
  key: string
  sha256: string
  last4: string
}

/** A new stream key: 160 random bits, safe as an RTMP stream name; a plain hash is enough for so long a secret. */
export function issueStreamKey(): IssuedStreamKey {
  const key = prefix + Array.from(randomBytes(32), (byte) => alphabet[byte % 32]).join('')
  return { key, sha256: sha256Hex(key), last4: key.slice(-4) }
}

/** A hash that no key leads to: an open broadcast must carry some hash even when its seller's key is revoked. */
export function unusableKeySha256(): string {
  return sha256Hex(randomBytes(32).toString('hex'))
}

/** SHA-256 in lower-case hex, as the Broadcast object carries it. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
