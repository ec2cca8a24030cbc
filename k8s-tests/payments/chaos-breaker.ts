/** What breaks in a chaos run: processes and stores are killed, one after the other, and started again. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '@mytaek1/platform/testing/random.ts'
import type { PaymentPlatform, Service, Store } from './processes.ts'

/** Kills something every few seconds until stopped; everything runs again when `stop` returns what was done. */
export function startBreaking(platform: PaymentPlatform, random: Random): { stop(): Promise<string[]> } {
  const stopping = new AbortController()
  const done: string[] = []
  const run = async () => {
    while (!stopping.signal.aborted) {
      await delay(random.between(1_500, 4_000), undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return
      const { payment, commerce, mariadb, redis } = platform
      const one = (some: Service[]) => some[random.between(0, some.length - 1)]
      const [what, part] = random.pick<[string, Service | Store | undefined]>([
        ['payment', one(payment)],
        ['payment', one(payment)],
        ['commerce', one(commerce)],
        ['commerce', one(commerce)],
        ['mariadb', mariadb],
        ['redis', redis],
      ])
      await part?.kill()
      await delay(random.between(0, 1_000))
      await part?.start()
      done.push(what)
    }
  }
  const running = run()
  running.catch(() => undefined) // thrown by `stop`: the run ends what it started
  return {
    stop: async () => {
      stopping.abort()
      await running
      return done
    },
  }
}

/** The network of the chaos run, or one that has come to rest. */
export async function setNetwork(platform: PaymentPlatform, isBroken: boolean): Promise<void> {
  const faults = {
    timeoutAfter: 0.1,
    byVerb: { approve: { overdue: 0.02 }, refund: { overdue: 0.02 } },
    pending: 0.05,
    webhookDuplicate: 0.2,
    webhookLate: 0.1,
    webhookLost: 0.05,
    webhookForged: 0.02,
    medianMs: 1_000,
    sigma: 0.5,
  }
  await fetch(`${platform.networkUrl}/v1/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(isBroken ? faults : {}),
  })
}
