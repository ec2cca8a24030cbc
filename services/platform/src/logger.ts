import { pino, stdTimeFunctions, type DestinationStream, type Logger as Pino } from 'pino'

/** Facts of an event; keys that may hold secrets are censored, whatever their depth of two. */
export type LogFields = Record<string, unknown>

/** Logs events with fields, one JSON object a line: `log.info('stream.live', { broadcastId, latencyMs })`. */
export interface Logger {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
  child(fields: LogFields): Logger
}

const secretKeys = [
  'authorization',
  'cookie',
  'password',
  'streamKey',
  'streamName',
  'token',
  'accessToken',
  'refreshToken',
  'cardToken',
  'secret',
  'cvc',
]
const redactedPaths = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`])

/**
 * Makes a process's logger. Errors given under `error` are written with message, code, stack and cause.
 *
 * @param options.level lowest level written
 * @param destination where lines go; standard output when absent
 */
export function createLogger(
  options: { service: string; level?: 'debug' | 'info' | 'warn' | 'error' },
  destination?: DestinationStream,
): Logger {
  const base: Pino = pino(
    {
      base: { service: options.service },
      level: options.level ?? 'info',
      messageKey: 'event',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
      redact: { paths: redactedPaths, censor: '[secret]' },
    },
    destination,
  )
  return wrap(base)
}

function wrap(base: Pino): Logger {
  return {
    debug: (event, fields) => base.debug(fields ?? {}, event),
    info: (event, fields) => base.info(fields ?? {}, event),
    warn: (event, fields) => base.warn(fields ?? {}, event),
    error: (event, fields) => base.error(fields ?? {}, event),
    child: (fields) => wrap(base.child(fields)),
  }
}

// SQL drivers put the whole statement with its values into `sql` and sometimes the message; values may be secret.
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error
  const code = 'code' in error ? error.code : undefined
  const statement = 'sqlMessage' in error ? String(error.sqlMessage) : undefined
  return {
    name: error.name,
    message: statement ?? error.message,
    ...(code === undefined ? {} : { code }),
    ...(statement === undefined ? { stack: error.stack } : {}),
    ...(error.cause === undefined || depth >= 4 ? {} : { cause: describeError(error.cause, depth + 1) }),
  }
}
