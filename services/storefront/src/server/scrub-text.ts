const mostCharacters = 300
const hidden = '[…]'

/** What may be a secret, or say who somebody is, in the order in which it is taken out. */
const secrets: readonly [what: RegExp, instead: string][] = [
  [/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' '], // nor lines and directions of its own
  [/[?#][^\s"'<>]*/g, hidden], // queries and fragments
  [/\b(bearer|basic)\s+\S+/gi, `$1 ${hidden}`],
  [/(token|secret|password|cookie|authorization|key|cvc)(["']?\s*[:=]\s*)\S+/gi, `$1$2${hidden}`],
  [/[^\s@"'<>()]+@[^\s@"'<>()]+/g, hidden], // addresses of mail, and those in a URL's authority
  [/\d(?:[ -]?\d){7,}/g, hidden], // cards, accounts, telephones
  [/[\w~+=-]{20,}/g, hidden], // tokens, keys, ids: no word is as long
]

/** A stranger's text as it may be logged: short, on one line, without what looks like a secret, an address or a query. */
export function scrubText(text: string): string {
  const scrubbed = secrets.reduce(
    (left, [what, instead]) => left.replaceAll(what, instead),
    text.slice(0, 4 * mostCharacters),
  )
  return scrubbed.trim().slice(0, mostCharacters)
}
