import { setTimeout as delay } from 'node:timers/promises'
import type { Context } from 'koa'
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { Reply } from '@mytaek1/platform/openapi.ts'
import { askedFault, drawFault, latencyOf, type Fault, type Faults, type Verb } from './faults.ts'
import type { TossView } from './ledger-row.ts'
import { TossRefusal } from './ledger.ts'

const silenceMs = 60_000 // longer than any caller waits

/**
 * Answers a call as this network does: late, and with the fault that its header asked for, its card has, or was drawn. `work`
 * is told when the call was taken up.
 */
export type AnswerCall = (
  ctx: Context,
  verb: Verb,
  work: (takenUpAt: Date) => Promise<TossView>,
  cardFault?: Fault,
) => Promise<Reply>

/** @param options.changed told of each payment that a call may have changed, answered or not */
export function answerer(options: {
  faults: () => Faults
  changed: (payment: TossView) => void
  log: Logger
}): AnswerCall {
  return async (ctx, verb, work, cardFault) => {
    const faults = options.faults()
    await delay(latencyOf(faults))
    const asked = ctx.get('tosspayments-test-code')
    if (asked !== '') return refusal(400, asked)
    const fault = askedFault(ctx.get('x-simulated-fault')) ?? cardFault ?? drawFault(faults, verb)
    if (fault === 'serverError') return networkFailed
    if (fault === 'tooMany') return refusal(429, 'TOO_MANY_REQUESTS')
    if (fault === 'timeoutBefore') return await silence()
    const takenUpAt = new Date()
    const act = () => said(() => work(takenUpAt), verb === 'find' ? () => undefined : options.changed)
    if (fault === 'overdue') {
      const failed = (error: unknown) => options.log.debug('simulator.overdue_lost', { error })
      delay(faults.overdueMs, undefined, { ref: false }).then(act).catch(failed)
      return await silence()
    }
    const reply = await act()
    if (fault === 'timeoutAfter') return await silence()
    if (fault === 'serverErrorAfter') return networkFailed
    if (fault === 'cut') ctx.req.socket.destroy() // the request alone, read to its end, would take nothing with it
    return reply
  }
}

/** The payment that `work` answers, or the refusal that it throws. */
export async function said(work: () => Promise<TossView>, changed: (payment: TossView) => void): Promise<Reply> {
  try {
    const payment = await work()
    changed(payment)
    return { status: 200, body: payment }
  } catch (error) {
    if (error instanceof TossRefusal) return refusal(error.httpStatus, error.code)
    throw error
  }
}

/** No answer, ever: the caller gives up before. */
export async function silence(): Promise<Reply> {
  await delay(silenceMs, undefined, { ref: false })
  return networkFailed
}

const refusal = (status: number, code: string): Reply => ({ status, body: { code, message: code } })

const networkFailed = refusal(500, 'FAILED_INTERNAL_SYSTEM_PROCESSING')
