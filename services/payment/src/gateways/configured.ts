import { z } from 'zod'
import { ConfigError } from '@mytaek1/platform/env.ts'
import { Gateways, type Choice } from './gateways.ts'
import { paymentMethods, type PaymentGateway } from './payment-gateway.ts'
import { tossGateway } from './toss/toss.ts'

const simulatorLateMs = 5_000 // it charges nothing after `chargeBy`, by its own clock
const currency = z.string().regex(/^[A-Z]{3}$/)
const common = { methods: z.array(z.enum(paymentMethods)).min(1).default(['card']) }
const windowMethods = z.enum(paymentMethods).exclude(['virtual_account'])
const deposits = z
  .strictObject({
    hours: z.number().int().min(1).max(72).default(3),
    live: z.boolean().default(false),
    bank: z
      .string()
      .regex(/^\d{2,3}$/)
      .default('20'),
  })
  .prefault({})
const httpUrl = z.url({ protocol: /^https?$/ })

/**
 * The gateways of an installation, the preferred first: which currencies and methods each is for, and where it is if not at its
 * public address. Keys are variables of their own. `keyIn`: cards are entered on our page (PCI DSS SAQ D), and a contract
 * with the gateway is needed for it. `deposits`: for the method virtual_account, which is offered where it is named: the bank
 * that issues accounts, for how many hours one waits and holds its order's units, and whether orders of broadcasts may, too.
 */
export const gatewaysShape = z
  .array(
    z.discriminatedUnion('name', [
      z.strictObject({
        name: z.literal('simulator'),
        ...common,
        currencies: z.array(currency).min(1).optional(),
        keyIn: z.boolean().default(true),
        deposits,
      }),
      z.strictObject({
        name: z.literal('toss'),
        ...common,
        currencies: z.array(currency).min(1).default(['KRW']),
        keyIn: z.boolean().default(false),
        deposits,
        url: httpUrl.default('https://api.tosspayments.com'),
      }),
      z.strictObject({
        name: z.literal('portone'),
        methods: z.array(windowMethods).min(1).default(['card']),
        currencies: z.array(currency).min(1).default(['KRW']),
        storeId: z.string().min(1),
        channelKey: z.string().min(1),
        url: httpUrl.default('https://api.portone.io'),
      }),
      z.strictObject({
        name: z.literal('stripe'),
        methods: z.tuple([z.literal('card')]).default(['card']),
        currencies: z.array(currency).min(1).optional(),
        url: httpUrl.default('https://api.stripe.com'),
      }),
    ]),
  )
  .min(1)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'names a gateway twice')
type Configured = z.infer<typeof gatewaysShape>[number]

/** What gateways are made from. */
export interface GatewayConfig {
  GATEWAYS: z.infer<typeof gatewaysShape>
  GATEWAY_URL?: string | undefined
  GATEWAY_TOSS_SECRET_KEY?: string | undefined
  GATEWAY_PORTONE_SECRET_KEY?: string | undefined
  GATEWAY_PORTONE_WEBHOOK_SECRET?: string | undefined
  GATEWAY_STRIPE_SECRET_KEY?: string | undefined
  GATEWAY_STRIPE_WEBHOOK_SECRET?: string | undefined
  GATEWAY_TIMEOUT_MS: number
  PUBLIC_HTTP_URL: string
}

/**
 * Makes the configured gateways. A vendor's SDK is loaded where its gateway is configured only: Stripe's takes 37 MB.
 *
 * @param measured wraps each, to tell how it answers
 * @throws {ConfigError} one lacks a key or its address, which the message names.
 */
export async function configuredGateways(
  config: GatewayConfig,
  measured = (gateway: PaymentGateway) => gateway,
): Promise<Gateways> {
  const missing: string[] = []
  const needed = (name: Needed): string => {
    const value = config[name]
    if (value === undefined) missing.push(`${name}: is required by GATEWAYS`)
    return value ?? ''
  }
  const choices: Choice[] = []
  for (const each of config.GATEWAYS) {
    const { currencies, methods } = each
    choices.push({ gateway: measured(await gatewayOf(each, config, needed)), currencies, methods })
  }
  if (missing.length > 0) throw new ConfigError(missing)
  return new Gateways(choices)
}

type Needed = Exclude<keyof GatewayConfig, 'GATEWAYS' | 'GATEWAY_TIMEOUT_MS' | 'PUBLIC_HTTP_URL'>

async function gatewayOf(
  each: Configured,
  config: GatewayConfig,
  needed: (name: Needed) => string,
): Promise<PaymentGateway> {
  const { name } = each
  const timeoutMs = config.GATEWAY_TIMEOUT_MS
  switch (name) {
    case 'simulator': // it speaks Toss's API
      return tossGateway({
        name,
        url: needed('GATEWAY_URL'),
        secretKey: 'test_sk_simulator',
        timeoutMs,
        keyIn: each.keyIn,
        deposits: each.deposits,
        lateChargeMs: simulatorLateMs,
      })
    case 'toss':
      return tossGateway({
        name,
        url: each.url,
        secretKey: needed('GATEWAY_TOSS_SECRET_KEY'),
        timeoutMs,
        keyIn: each.keyIn,
        deposits: each.deposits,
      })
    case 'portone': {
      const { portoneGateway } = await import('./portone/portone.ts')
      return portoneGateway({
        name,
        url: each.url,
        secretKey: needed('GATEWAY_PORTONE_SECRET_KEY'),
        webhookSecret: needed('GATEWAY_PORTONE_WEBHOOK_SECRET'),
        storeId: each.storeId,
        channelKey: each.channelKey,
        confirmUrl: new URL('/api/payment/v1/webhooks/portone', config.PUBLIC_HTTP_URL).href,
        timeoutMs,
      })
    }
    case 'stripe': {
      const { stripeGateway } = await import('./stripe/stripe.ts')
      return stripeGateway({
        name,
        url: each.url,
        secretKey: needed('GATEWAY_STRIPE_SECRET_KEY') || 'missing',
        webhookSecret: needed('GATEWAY_STRIPE_WEBHOOK_SECRET'),
        timeoutMs,
      })
    }
  }
}
