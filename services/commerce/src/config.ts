import {
  commonVariables,
  ConfigError,
  optionalText,
  readEnv,
  s3Misfits,
  s3Variables,
  secret,
  seconds,
  url,
  urlList,
  wholeNumber,
} from '@mytaek1/platform/env.ts'
import { z } from 'zod'
import { mailVariables, smtpOf } from './mail/smtp.ts'

const privateKey = () =>
  z.string().refine((pem) => pem.includes('PRIVATE KEY'), 'must be an Ed25519 private key, PEM, PKCS 8')

/** This service's variables; README names each. */
export const variables = {
  ...commonVariables,
  MYSQL_URL: url(['mysql:']),
  MYSQL_POOL: wholeNumber({ default: 20, min: 2, max: 200 }),
  REDIS_URLS: urlList(['redis:', 'rediss:']),
  ...s3Variables,
  SERVICE_TOKEN: secret(32), // signs calls to payment
  SERVICE_TOKEN_OTHER: secret(32).optional(), // signed calls are taken under it, too: the next or the last one
  TOKEN_PRIVATE_KEY: privateKey(), // signs access tokens
  TOKEN_PRIVATE_KEY_OTHER: privateKey().optional(), // its public half is published, too: the next or the last one
  ...mailVariables,
  PAYMENT_URL: url(['http:', 'https:']),
  PUBLIC_HTTP_URL: url(['http:', 'https:'], 'http://127.0.0.1:8080'),
  PUBLIC_HLS_URL: url(['http:', 'https:']).optional(), // where streams are; absent: at PUBLIC_HTTP_URL
  PUBLIC_RTMP_URL: url(['rtmp:', 'rtmps:'], 'rtmp://127.0.0.1:1935/live'),
  /** `off` runs without a Kubernetes API: broadcasts stay open and are never live. For tests and benches only. */
  KUBERNETES: z.enum(['on', 'off']).default('on'),
  KUBECONFIG: optionalText(),
  NAMESPACE: optionalText(),
  ENDED_OBJECT_SECONDS: seconds(3_600), // how long the Broadcast object of an ended broadcast stays
  RESERVATION_SECONDS: seconds(600),
  // of one product, by one buyer, without paying; products may have their own
  UNPAID_UNITS_PER_BUYER: wholeNumber({ default: 10, min: 1, max: 1_000_000 }),
  UNPAID_ORDERS_PER_BUYER: wholeNumber({ default: 3, min: 1, max: 1_000_000 }),
  UPLOAD_MAX_BYTES: wholeNumber({ default: 10 * 1024 * 1024, min: 1_024, max: 100 * 1024 * 1024 }),
  UPLOAD_SECONDS: seconds(30), // an upload slower than this is refused
  LIVE_MAX_LISTENERS: wholeNumber({ default: 10_000, min: 1 }),
  LIVE_MAX_LISTENERS_PER_ADDRESS: wholeNumber({ default: 2_000, min: 1 }), // a fifth of the places
  TRUSTED_PROXIES: wholeNumber({ default: 1, min: 0, max: 10 }), // in front, that add to X-Forwarded-For
  // per caller address: phone networks put thousands of people behind one
  LIMIT_RECOVERIES_PER_HOUR: wholeNumber({ default: 300, min: 1 }), // links asked for and used, and as many mails of sign-ups
  LIMIT_SIGN_UPS_PER_HOUR: wholeNumber({ default: 3_000, min: 1 }),
  // failures within a quarter of an hour; sign-ins that succeed are bounded by the hashing queue
  LIMIT_SIGN_IN_FAILURES_PER_ADDRESS: wholeNumber({ default: 300, min: 1 }),
  LIMIT_SIGN_IN_FAILURES: wholeNumber({ default: 10, min: 1 }), // of one account, by one address or known browser
  LIMIT_SIGN_IN_FAILURES_PER_ACCOUNT: wholeNumber({ default: 100, min: 1 }), // by all browsers that are not known
  // per account
  LIMIT_CHANGES_PER_MINUTE: wholeNumber({ default: 600, min: 1 }), // of products and broadcasts
  LIMIT_ORDERS_PER_MINUTE: wholeNumber({ default: 60, min: 1 }),
  LIMIT_UPLOADS_PER_MINUTE: wholeNumber({ default: 6, min: 1 }),
  LIMIT_CHAT_REPORTS_PER_HOUR: wholeNumber({ default: 30, min: 1 }),
  LIMIT_MESSAGES_PER_SECOND: wholeNumber({ default: 1, min: 1 }),
  LIMIT_MESSAGES_PER_SECOND_IN_BROADCAST: wholeNumber({ default: 50, min: 1 }), // of all who watch it together
}

export type Config = ReturnType<typeof readConfig>

/** The environment as this service's frozen configuration; throws ConfigError naming every bad variable. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const config = readEnv(env, variables, s3Misfits)
  smtpOf(config) // throws when its variables do not fit each other
  if (config.KUBERNETES === 'on' && config.KUBECONFIG === undefined && env.KUBERNETES_SERVICE_HOST === undefined) {
    throw new ConfigError([
      'KUBERNETES: is on, but neither KUBECONFIG nor a ServiceAccount leads to an apiserver; `off` runs without',
    ])
  }
  return config
}
