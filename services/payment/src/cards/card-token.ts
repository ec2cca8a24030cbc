import { createDecipheriv, createHash, createSecretKey, randomUUID, type KeyObject } from 'node:crypto'
import { CompactEncrypt } from 'jose'
import { z } from 'zod'
import { AppError } from '@mytaek1/platform/errors.ts'
import { cardShape, type Card } from './card.ts'

const sealedShape = z.object({ id: z.string(), expiresAtMs: z.number(), accountId: z.string(), card: cardShape })

const headerShape = z.looseObject({ alg: z.string(), enc: z.string(), kid: z.string().optional() })

/** A card token is malformed, too old, or another account's. */
export class CardTokenInvalidError extends AppError {
  readonly kind = 'invalid'
  readonly code = 'card_token_invalid'
  constructor(why: string) {
    super(`The card token is not valid: ${why}; enter the card again`)
  }
}

/** What a token holds, once opened: `id` is for the read-once rule. */
export interface OpenedCard {
  id: string
  card: Card
}

/**
 * Turns cards into short-lived tokens and back. The token itself carries the card, encrypted (JWE, dir + A256GCM) with
 * a key that only the payment service's Pods know: nothing is stored, and any Pod can open it. That it is used once is
 * the database's to guard (`used_card_tokens`). The first key seals and all open; a token names its key (`kid`).
 */
export class CardTokens {
  readonly #keys: readonly [SealingKey, ...SealingKey[]]
  readonly #lifetimeMs: number
  readonly #now: () => number

  constructor(options: { keys: readonly [string, ...string[]]; lifetimeSeconds: number; now?: () => number }) {
    const [first, ...others] = options.keys
    this.#keys = [sealingKey(first), ...others.map(sealingKey)]
    this.#lifetimeMs = options.lifetimeSeconds * 1_000
    this.#now = options.now ?? Date.now
  }

  async seal(card: Card, accountId: string): Promise<{ token: string; expiresAt: Date }> {
    const expiresAtMs = this.#now() + this.#lifetimeMs
    const content = JSON.stringify({ id: randomUUID(), expiresAtMs, accountId, card })
    const [{ kid, key }] = this.#keys
    const token = await new CompactEncrypt(new TextEncoder().encode(content))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
      .encrypt(key)
    return { token, expiresAt: new Date(expiresAtMs) }
  }

  /** @throws {CardTokenInvalidError} forged, expired, or sealed for another account. */
  async open(token: string, accountId: string): Promise<OpenedCard> {
    const sealed = sealedShape.parse(JSON.parse(this.#decrypt(token)))
    if (sealed.accountId !== accountId) throw new CardTokenInvalidError('it belongs to another account')
    if (sealed.expiresAtMs <= this.#now()) throw new CardTokenInvalidError('it expired')
    return { id: sealed.id, card: sealed.card }
  }

  // RFC 7516 section 5.2 for this one pair of algorithms. Not by jose: its every step waits for a thread, which costs a payment
  // more than the key does.
  #decrypt(token: string): string {
    try {
      const parts = token.split('.')
      const [header = '', encryptedKey, iv = '', ciphertext = '', tag = ''] = parts
      const { alg, enc, kid, ...others } = headerShape.parse(JSON.parse(Buffer.from(header, 'base64url').toString()))
      if (parts.length !== 5 || encryptedKey !== '' || Object.keys(others).length > 0) throw new Error('another form')
      if (alg !== 'dir' || enc !== 'A256GCM') throw new Error('another algorithm')
      // one of a version that named none is of the first key, or else of another: the buyer enters the card again
      const key = kid === undefined ? this.#keys[0] : this.#keys.find((known) => known.kid === kid)
      if (!key) throw new Error('unknown key')
      const authTagLength = 16 // a shorter tag would be easier to guess
      const decipher = createDecipheriv('aes-256-gcm', key.key, Buffer.from(iv, 'base64url'), { authTagLength })
      decipher.setAAD(Buffer.from(header, 'ascii')).setAuthTag(Buffer.from(tag, 'base64url'))
      return decipher.update(ciphertext, 'base64url', 'utf8') + decipher.final('utf8')
    } catch {
      throw new CardTokenInvalidError('it was not issued here') // no cause: it may quote the token
    }
  }
}

interface SealingKey {
  kid: string
  key: KeyObject // of bytes one is made for each card, which is four times the work of opening it
}

// The name is a hash of the key's hash, which tells nothing of either.
function sealingKey(secret: string): SealingKey {
  const bytes = createHash('sha256').update(secret).digest()
  const kid = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  return { kid, key: createSecretKey(bytes) }
}
