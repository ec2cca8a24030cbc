import { hash, verify } from '@node-rs/argon2'
import { BoundedQueue } from '../bounded-queue.ts'

// OWASP's first argon2id choice: 19 MiB, two passes, one lane. Algorithm 2 is argon2id.
const argon2id = Object.freeze({ algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 })

/** Hashes and verifies passwords a few at a time, so that a storm of sign-ups cannot starve the process. */
export interface PasswordHasher {
  hash(password: string): Promise<string>
  /** False for a wrong password; without a hash (no such account) it costs the same time and is false. */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>
}

/** Makes the hasher; throws UnavailableError `busy` when more wait than `maxWaiting`, or one waits past `deadlineMs`. */
export async function createPasswordHasher(
  limits: { concurrency?: number; maxWaiting?: number; deadlineMs?: number } = {},
): Promise<PasswordHasher> {
  const queue = new BoundedQueue({
    name: 'password hashing',
    concurrency: limits.concurrency ?? 2,
    maxWaiting: limits.maxWaiting ?? 100,
    deadlineMs: limits.deadlineMs ?? 5_000,
  })
  const decoy = await hash('no account has this password', argon2id)
  return {
    hash: (password) => queue.run(() => hash(password, argon2id)),
    verify: (passwordHash, password) =>
      queue.run(async () => {
        const matches = await verify(passwordHash ?? decoy, password)
        return passwordHash !== undefined && matches
      }),
  }
}
