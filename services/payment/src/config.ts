import { z } from 'zod'
import { commonVariables, readEnvOrExit, seconds, secret, url, urlList, wholeNumber } from '@mytaek1/platform/env.ts'
import { gatewaysShape } from './gateways/configured.ts'
import { faultsShape } from './simulator/faults.ts'

/** A variable whose text is JSON of a shape, which `where` describes. */
const json = <S extends z.ZodType>(shape: S, where: string) =>
  z.string().transform((text, ctx): z.infer<S> => {
    const parsed = shape.safeParse(parseOrNothing(text))
    if (parsed.success) return parsed.data
    const what = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()).join('; ')
    ctx.addIssue({ code: 'custom', message: `is not as ${where} says: ${what}` })
    return z.NEVER
  })

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The payment service's variables. */
export const paymentVariables = {
  ...commonVariables,
  MYSQL_URL: url(['mysql:']),
  MYSQL_POOL: wholeNumber({ default: 10, min: 1, max: 100 }),
  COMMERCE_URL: url(['http:', 'https:']), // where payment events go and orders are read
  JWKS_URL: url(['http:', 'https:']),
  PUBLIC_HTTP_URL: url(['http:', 'https:'], 'http://127.0.0.1:8080'), // where gateways lead browsers back to
  GATEWAYS: json(gatewaysShape, 'gateways/configured.ts').default([
    { name: 'simulator', methods: ['card'], keyIn: true, deposits: { hours: 3, live: false, bank: '20' } },
  ]),
  GATEWAY_URL: url(['http:', 'https:']).optional(), // the simulated network's API
  GATEWAY_TOSS_SECRET_KEY: secret(1).optional(),
  GATEWAY_PORTONE_SECRET_KEY: secret(1).optional(),
  GATEWAY_PORTONE_WEBHOOK_SECRET: secret(1).optional(),
  GATEWAY_STRIPE_SECRET_KEY: secret(1).optional(),
  GATEWAY_STRIPE_WEBHOOK_SECRET: secret(1).optional(),
  GATEWAY_CONCURRENCY: wholeNumber({ default: 128, min: 1, max: 2_000 }), // charges at once
  LEASE_MS: wholeNumber({ default: 15_000, min: 500, max: 120_000 }), // how long work of a process that died waits
  SERVICE_TOKEN: secret(32), // signs calls to commerce
  SERVICE_TOKEN_OTHER: secret(32).optional(), // signed calls are taken under it, too: the next or the last one
  CARD_TOKEN_KEY: secret(32), // seals card tokens; known to this service only
  CARD_TOKEN_KEY_OTHER: secret(32).optional(), // opens card tokens, too, and seals none
  CARD_TOKEN_SECONDS: seconds(120),
  GATEWAY_TIMEOUT_MS: wholeNumber({ default: 10_000, min: 100, max: 60_000 }),
  REDIS_URLS: urlList(['redis:', 'rediss:']), // where limits are counted
  TRUSTED_PROXIES: wholeNumber({ default: 1, min: 0, max: 10 }), // in front, that add to X-Forwarded-For
  // within ten minutes; phone networks put thousands of people behind one address
  LIMIT_CARDS_PER_ACCOUNT: wholeNumber({ default: 100, min: 1 }),
  LIMIT_CARDS_PER_ADDRESS: wholeNumber({ default: 3_000, min: 1 }),
  // within an hour, after which no card is taken until that hour is over
  LIMIT_DECLINES_PER_ACCOUNT: wholeNumber({ default: 10, min: 1 }),
  LIMIT_DECLINES_PER_ADDRESS: wholeNumber({ default: 300, min: 1 }),
  // ten addresses', for it stops strangers' cards, too; not those of accounts that have paid before
  LIMIT_DECLINES_PER_BIN: wholeNumber({ default: 3_000, min: 1 }),
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
  SIMULATOR_FAULTS: json(faultsShape, 'simulator/faults.ts').prefault('{}'),
}

export const readPaymentConfig = () => readEnvOrExit(paymentVariables)

export const readSimulatorConfig = () => readEnvOrExit(simulatorVariables)
