import { Counter, Histogram, type Registry } from 'prom-client'
import type { Outcome, PaymentGateway } from './payment-gateway.ts'

const codesMax = 150 // of a gateway, as documented; what a gateway makes up beyond is `other`

/** Wraps gateways so that each call's time, and each decline, is told by their name and the call's. */
export function gatewayMeter(registry: Registry): (gateway: PaymentGateway) => PaymentGateway {
  const seconds = new Histogram({
    name: 'payment_gateway_seconds',
    help: 'How long a gateway took to answer, by what it was asked and what its answer means',
    labelNames: ['gateway', 'verb', 'outcome'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  })
  const declines = new Counter({
    name: 'payment_declines_total',
    help: 'Charges that a gateway declined, by our reason and its code',
    labelNames: ['gateway', 'reason', 'code'],
    registers: [registry],
  })
  const codes = new Set<string>()
  const known = (code: string) => {
    if (codes.size < codesMax) codes.add(code)
    return codes.has(code) ? code : 'other'
  }
  return (gateway) => {
    const { name } = gateway
    const timed = async <T>(verb: string, asked: Promise<T>, meaning: (answer: T) => string): Promise<T> => {
      const begun = performance.now()
      const answer = await asked
      seconds.observe({ gateway: name, verb, outcome: meaning(answer) }, (performance.now() - begun) / 1_000)
      return answer
    }
    const judged = async (verb: string, asked: Promise<Outcome>): Promise<Outcome> => {
      const outcome = await timed(verb, asked, ({ status }) => status)
      if (outcome.status === 'DECLINED') {
        declines.inc({ gateway: name, reason: outcome.reason, code: known(outcome.code) })
      }
      return outcome
    }
    return {
      ...gateway,
      begin: (input) => timed('begin', gateway.begin(input), ({ kind }) => kind),
      approve: (input) => judged('approve', gateway.approve(input)),
      find: (known) => judged('find', gateway.find(known)),
      leave: (known) => timed('leave', gateway.leave(known), ({ status }) => status), // no decline: the buyer went
      refund: (input) => timed('refund', gateway.refund(input), ({ status }) => status),
    }
  }
}
