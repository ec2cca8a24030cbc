import { commonVariables, readEnvOrExit, seconds, secret, url, wholeNumber } from '@mytaek1/platform/env.ts'

/** The payment service's variables. */
export const paymentVariables = {
  ...commonVariables,
  MYSQL_URL: url(['mysql:']),
  MYSQL_POOL: wholeNumber({ default: 10, min: 1, max: 100 }),
  COMMERCE_URL: url(['http:', 'https:']), // where payment events go and orders are read
  JWKS_URL: url(['http:', 'https:']),
  GATEWAY_URL: url(['http:', 'https:']), // the card network
  SERVICE_TOKEN: secret(32),
  CARD_TOKEN_KEY: secret(32), // seals card tokens; known to this service only
  CARD_TOKEN_SECONDS: seconds(120),
  GATEWAY_TIMEOUT_MS: wholeNumber({ default: 10_000, min: 100, max: 60_000 }),
}

/** The simulated card network's variables. */
export const simulatorVariables = {
  ...commonVariables,
  MYSQL_URL: url(['mysql:']),
  WEBHOOK_URL: url(['http:', 'https:']).optional(), // told of every decided authorisation when given
  SIMULATOR_LATENCY_MS: wholeNumber({ default: 50, max: 60_000 }),
}

export const readPaymentConfig = () => readEnvOrExit(paymentVariables)

export const readSimulatorConfig = () => readEnvOrExit(simulatorVariables)
