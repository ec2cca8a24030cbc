/**
 * Takes the token of a mail's link out of the address: it is behind `#`, which goes to no server, and it stays neither in the
 * address bar nor in the history. Empty when there is none.
 */
export function takeLinkToken(): string {
  const token = location.hash.slice(1)
  if (token !== '') history.replaceState(history.state, '', location.pathname + location.search)
  return token
}
