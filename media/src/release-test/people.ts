import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Api } from './api.ts'
import type { Trial } from './trial.ts'

const accountShape = z.object({ id: z.string(), streamKey: z.string() })
const sessionShape = z.object({ accessToken: z.string() })
const stepSeconds = 20

/** An account of this test, signed in. */
export interface Person {
  id: string
  token: string
  streamKey: string
}

/**
 * Signs up and in as anybody may, and has the account deleted at the end. The address is of a domain that never is, so
 * that no mail goes out (RFC 6761 section 6.4); the password is kept nowhere.
 */
export async function signUp(trial: Trial, shop: Api, role: 'seller' | 'buyer'): Promise<Person> {
  const email = `release-test-${role}-${randomBytes(8).toString('hex')}@mytaek1.invalid`
  const password = randomBytes(24).toString('base64url')
  trial.hide(password)
  return await trial.step(`a ${role} signs up and in`, stepSeconds, async (signal) => {
    const body = { email, password, displayName: `Release test, ${role}`, locale: 'en' }
    const account = await shop('POST', '/accounts', { signal, body, answer: accountShape })
    trial.hide(account.streamKey)
    const signIn = async (within: AbortSignal) => {
      const session = await shop('POST', '/sessions', {
        signal: within,
        body: { email, password },
        answer: sessionShape,
      })
      trial.hide(session.accessToken)
      return session.accessToken
    }
    // anew: the session may not have begun, or be over by then
    trial.undo(`the ${role}'s account is deleted`, stepSeconds, async (within) => {
      const token = await signIn(within)
      await shop('POST', '/accounts/me/deletion', { signal: within, token, body: { password }, answer: z.undefined() })
    })
    return { ...account, token: await signIn(signal) }
  })
}
