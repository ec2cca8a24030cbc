import { readFileSync } from 'node:fs'
import { AppError } from '@mytaek1/platform/errors.ts'

/** Bounds in code points; nothing is asked of the kinds of characters (ASVS 5.0 6.2.1, 6.2.5, 6.2.9). */
export const passwordLength = Object.freeze({ min: 8, max: 128 })

// The most used passwords of at least eight characters, one a line, lower case (ASVS 5.0 6.2.4 asks for 3,000).
const common = new Set(readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8').split('\n'))

/**
 * The password as it is hashed: devices write the same characters in composed and in decomposed form.
 *
 * @see NIST SP 800-63B section 3.1.1.2 (normalisation before hashing)
 */
export const normalisePassword = (password: string) => password.normalize('NFKC')

/** The password is one that attackers try first, or says no more than the account itself does. */
export class WeakPasswordError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'weak_password'
  constructor(why: string) {
    super(`The password cannot be used: ${why}`)
  }
}

/** Refuses passwords from the common list and those equal to the account's own words; throws WeakPasswordError. */
export function checkPassword(password: string, account: { email: string; displayName: string }): void {
  const lower = password.toLowerCase()
  if (common.has(lower)) throw new WeakPasswordError('it is among the most used ones')
  const own = [account.email, account.email.split('@')[0] ?? '', account.displayName].map((word) => word.toLowerCase())
  if (own.includes(lower)) throw new WeakPasswordError('it is the e-mail address or the name')
}
