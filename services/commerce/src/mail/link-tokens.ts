import { createHmac, hash, hkdfSync } from 'node:crypto'

/**
 * The tokens of links in mails. One is made from its mail's id with a key of the service: it is kept nowhere, neither in the
 * outbox nor in the links' table, which has its hash, and a mail that is sent again has the same one.
 */
export interface LinkTokens {
  /** A new mail's token, of 256 bits, as its hash. */
  sha256Of(mailId: string): string
  /** The token of that hash, to be written into the mail; undefined: no key of ours made it. */
  open(mailId: string, sha256: string): string | undefined
}

/** What the table knows a token by. */
export const sha256OfToken = (token: string): string => hash('sha256', token, 'hex')

/** @param secrets of the service: the first makes tokens; links that another made stay good while that is among them. */
export function createLinkTokens(secrets: readonly [string, ...string[]]): LinkTokens {
  const makers = secrets.map((secret) => {
    const key = Buffer.from(hkdfSync('sha256', secret, '', 'links in mails', 32))
    return (mailId: string) => createHmac('sha256', key).update(mailId).digest('base64url')
  })
  const tokens = (mailId: string) => makers.map((make) => make(mailId))
  return {
    sha256Of: (mailId) => sha256OfToken(tokens(mailId)[0] ?? ''),
    open: (mailId, sha256) => tokens(mailId).find((token) => sha256OfToken(token) === sha256),
  }
}
