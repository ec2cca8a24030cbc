import { commonVariables, port, readEnvOrExit } from '@mytaek1/platform/env.ts'
import { Readiness, startAdminServer } from '@mytaek1/platform/health.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { createRegistry } from '@mytaek1/platform/metrics.ts'
import { Shutdown } from '@mytaek1/platform/shutdown.ts'
import { startMailSink } from './sink.ts'

/** Runs the sink as a process, until it is told to stop. */
export async function runMailSink(): Promise<void> {
  const { SMTP_PORT, PORT, ADMIN_PORT, LOG_LEVEL } = readEnvOrExit({ ...commonVariables, SMTP_PORT: port(2525) })
  const log = createLogger({ service: 'mail-sink', level: LOG_LEVEL })
  const shutdown = new Shutdown({ log })
  shutdown.listen()
  const sink = await startMailSink({ smtpPort: SMTP_PORT, httpPort: PORT, host: '::' })
  shutdown.onStop('sink', () => sink.stop())
  const readiness = new Readiness()
  const admin = await startAdminServer({ port: ADMIN_PORT, registry: createRegistry('mail-sink'), readiness })
  shutdown.onStop('admin', () => admin.close())
  shutdown.onStop('readiness', () => readiness.drain())
  log.info('mail_sink.ready', { smtpPort: sink.smtpPort, port: sink.httpPort })
}
