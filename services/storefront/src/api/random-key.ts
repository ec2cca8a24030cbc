/** A new Idempotency-Key. crypto.randomUUID exists in secure contexts only; a site on plain HTTP by address must work, too. */
export function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
