/** Refusals that several of the accounts' operations have. */

/** Of operations for those who are signed in. */
export const refused = { 401: { description: '`unauthenticated`: no valid access token' } }

/** Of operations that are counted, or wait their turn. */
export const limited = {
  429: { description: '`rate_limited`: see Retry-After' },
  503: { description: '`busy` or a part is down' },
}
