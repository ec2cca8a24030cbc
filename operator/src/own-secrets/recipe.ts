import { generateKeyPairSync, randomInt } from 'node:crypto'
import { z } from 'zod'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

const value = z.union([
  z.strictObject({ random: z.int().min(16).max(128) }), // letters and digits
  z.strictObject({ privateKey: z.literal('ed25519') }), // PEM, PKCS 8
  z.strictObject({ text: z.string() }), // $(key): another key of the same Secret, one that stands before
])

/** Secrets to make where none was given: name, labels, annotations, and how each key gets its value. */
export const recipes = z.array(
  z.strictObject({
    name: z.string(),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    keys: z.record(z.string(), value),
  }),
)
export type Recipe = z.infer<typeof recipes>[number]

/**
 * The values that a Secret lacks, or has of other values: what was drawn at random is never replaced, for a store was started
 * with it; a text follows what it is made of.
 *
 * @throws {Error} a text that names a key which does not stand before it
 */
export function newValues(keys: Recipe['keys'], held: ReadonlyMap<string, string>): Map<string, string> {
  const all = new Map(held)
  const made = new Map<string, string>()
  for (const [key, how] of Object.entries(keys)) {
    const before = all.get(key)
    if (before && !('text' in how)) continue
    const value = 'text' in how ? fillIn(how.text, all) : draw(how)
    all.set(key, value)
    if (value !== before) made.set(key, value)
  }
  return made
}

function draw(how: { random: number } | { privateKey: 'ed25519' }): string {
  if ('random' in how) return Array.from({ length: how.random }, () => letters[randomInt(letters.length)]).join('')
  return generateKeyPairSync(how.privateKey).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

const fillIn = (text: string, known: ReadonlyMap<string, string>) =>
  text.replaceAll(/\$\(([^)]+)\)/g, (_, key: string) => {
    const used = known.get(key)
    if (used === undefined) throw new Error(`a Secret's text refers to ${key}, which does not stand before it`)
    return used
  })
