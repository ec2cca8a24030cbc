import { z } from 'zod'
import { commonVariables, readEnvOrExit, seconds, secret, url, wholeNumber } from '@mytaek1/platform/env.ts'
import { faultsShape } from './simulator/faults.ts'

/** The payment service's variables. */
export const paymentVariables = {
  ...commonVariables,
  MYSQL_URL: url(['mysql:']),
  MYSQL_POOL: wholeNumber({ default: 10, min: 1, max: 100 }),
  COMMERCE_URL: url(['http:', 'https:']), // where payment events go and orders are read
  JWKS_URL: url(['http:', 'https:']),
  GATEWAY: z.enum(['simulator', 'toss']).default('simulator'),
  GATEWAY_URL: url(['http:', 'https:']), // its API
  GATEWAY_SECRET_KEY: secret(1).default('test_sk_simulator'),
  GATEWAY_KEY_IN: z.stringbool().default(false), // cards entered on our page: PCI SAQ D, and a contract with the gateway
  GATEWAY_CONCURRENCY: wholeNumber({ default: 128, min: 1, max: 2_000 }), // charges at once
  LEASE_MS: wholeNumber({ default: 15_000, min: 500, max: 120_000 }), // how long work of a process that died waits
  SERVICE_TOKEN: secret(32), // signs calls to commerce
  SERVICE_TOKEN_OTHER: secret(32).optional(), // signed calls are taken under it, too: the next or the last one
  CARD_TOKEN_KEY: secret(32), // seals card tokens; known to this service only
  CARD_TOKEN_KEY_OTHER: secret(32).optional(), // opens card tokens, too, and seals none
  CARD_TOKEN_SECONDS: seconds(120),
  GATEWAY_TIMEOUT_MS: wholeNumber({ default: 10_000, min: 100, max: 60_000 }),
}

/** The simulated card network's variables. */
export const simulatorVariables = {
  ...commonVariables,
  MYSQL_URL: url(['mysql:']),
  SIMULATOR_DATABASE: z
    .string()
    .regex(/^\w{1,64}$/)
    .optional(), // its own, on that server; absent: the URL's
  WEBHOOK_URL: url(['http:', 'https:']).optional(), // told of every change of a payment when given
  PUBLIC_URL: url(['http:', 'https:']).optional(), // where browsers reach the payment window
  SIMULATOR_LATENCY_MS: wholeNumber({ default: 50, max: 60_000 }),
  /** Faults by rate, as JSON: see simulator/faults.ts. */
  SIMULATOR_FAULTS: z
    .string()
    .default('{}')
    .transform((text, ctx) => {
      try {
        return faultsShape.parse(JSON.parse(text))
      } catch {
        ctx.addIssue({ code: 'custom', message: 'must be a JSON object of shares, see simulator/faults.ts' })
        return z.NEVER
      }
    }),
}

export const readPaymentConfig = () => readEnvOrExit(paymentVariables)

export const readSimulatorConfig = () => readEnvOrExit(simulatorVariables)
