import { endedSessionsShape } from '@mytaek1/contracts/access-token.ts'
import type { ReadEndedSessions } from '@mytaek1/platform/ended-sessions.ts'
import { signedFetch } from '@mytaek1/platform/service-signature.ts'

const timeoutMs = 3_000

/** Reads from commerce which sessions ended; throws when it does not answer. */
export function endedSessionsReader(options: { commerceUrl: string; serviceToken: string }): ReadEndedSessions {
  return async (since) => {
    const url = `${options.commerceUrl}/internal/ended-sessions/${since.getTime()}`
    const answer = await signedFetch({ serviceToken: options.serviceToken, method: 'GET', url, timeoutMs })
    if (!answer.ok) throw new Error(`commerce answered ${answer.status}`)
    return endedSessionsShape.parse(await answer.json()).sessions
  }
}
