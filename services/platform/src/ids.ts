import { randomFillSync } from 'node:crypto'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz' // Crockford's base 32, lower case: it sorts as its values do
const timeCharacters = 10
const randomCharacters = 16
const pool = Buffer.alloc(randomCharacters * 512)
let used = pool.length

/**
 * A new id that sorts by its time of making: 10 characters of Unix milliseconds and 16 of randomness (80 bits), as in
 * ULID, behind a prefix that tells people what it names: `newId('pay')` → `pay_01jd…`. Rows inserted in order of time
 * go to the end of their primary key.
 */
export function newId(prefix: string, now: number = Date.now()): string {
  let time = ''
  for (let rest = now, index = 0; index < timeCharacters; index += 1) {
    time = alphabet.charAt(rest % 32) + time
    rest = Math.floor(rest / 32)
  }
  return `${prefix}_${time}${randomText()}`
}

// One call for 512 ids: a batch of orders makes as many at once.
function randomText(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  let text = ''
  const end = used + randomCharacters
  for (; used < end; used += 1) text += alphabet.charAt((pool[used] ?? 0) % 32)
  return text
}
