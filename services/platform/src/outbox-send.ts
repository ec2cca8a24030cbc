/** How events reach their receiver: signed, one by one or many in a request, and what its answer means. */
import type { Knex } from 'knex'
import type { Logger } from './logger.ts'
import type { EventTarget } from './outbox.ts'
import { signedFetch } from './service-signature.ts'

const deliveryTimeoutMs = 5_000

/** Who is told, and where. */
export interface RelayOptions {
  db: Knex
  targets: Partial<Record<EventTarget, string>>
  serviceToken: string
  log: Logger
  refusalsMax?: number
}

/** The receiver answered, and did not take what was sent. */
class NotTakenError extends Error {
  readonly status: number
  constructor(target: EventTarget, status: number) {
    super(`${target} answered ${status}`)
    this.status = status
  }
}

/**
 * Sends events of one target in one request, which over there is one transaction; a lone one by itself.
 *
 * @throws {NotTakenError | Error} the receiver did not take them, or nobody knows.
 */
export async function sendEvents(
  options: RelayOptions,
  target: EventTarget,
  events: readonly { body: string }[],
): Promise<void> {
  const [first, second] = events
  if (first === undefined) return
  if (second === undefined) return await send(options, target, '/internal/events', first.body)
  const body = `{"events":[${events.map((event) => event.body).join(',')}]}`
  await send(options, target, '/internal/event-batches', body)
}

async function send({ targets, serviceToken }: RelayOptions, target: EventTarget, path: string, body: string) {
  const url = `${targets[target] ?? ''}${path}`
  const { ok, status } = await signedFetch({ serviceToken, method: 'POST', url, body, timeoutMs: deliveryTimeoutMs })
  if (!ok) throw new NotTakenError(target, status)
}

/**
 * Whether an answer says that an event is wrong. 401 is a matter of keys and clocks, 404 of the way there, 503 of a part that is
 * down: none is the event's fault. 500 is a bug over there, which this event meets every time.
 */
export const refusesTheEvent = (error: unknown): boolean =>
  error instanceof NotTakenError && [400, 409, 413, 422, 500].includes(error.status)

/** Whether one of many may be why; 404: a receiver that takes single events only. */
export const mayBeOfOne = (error: unknown): boolean =>
  refusesTheEvent(error) || (error instanceof NotTakenError && error.status === 404)
