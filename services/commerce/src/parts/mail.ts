import { api } from '../app.ts'
import { createLinkTokens, type LinkTokens } from '../mail/link-tokens.ts'
import { mailOutbox, noMails, type Mails } from '../mail/enqueue-mail.ts'
import { startMailSender } from '../mail/mail-sender.ts'
import { createSmtp, smtpOf } from '../mail/smtp.ts'
import { createStopTokens, type StopTokens } from '../mail/stop-tokens.ts'
import { factsOfOrder } from '../orders/mail-facts.ts'
import { both } from '@mytaek1/platform/env.ts'
import type { Shared } from './shared.ts'

/** What features that send mail work with. */
export interface MailPart {
  mails: Mails
  linkTokens: LinkTokens
  stopTokens: StopTokens
}

/** Begins to send what the outbox holds, if there is a mail server. */
export function startMail({ config, db, log, registry, onClose }: Shared): MailPart {
  const smtp = smtpOf(config)
  const linkTokens = createLinkTokens(both(config.SERVICE_TOKEN, config.SERVICE_TOKEN_OTHER))
  const stopTokens = createStopTokens(both(config.SERVICE_TOKEN, config.SERVICE_TOKEN_OTHER))
  const publicUrl = config.PUBLIC_HTTP_URL.replace(/\/$/, '')
  const sender = startMailSender({
    db,
    log,
    registry,
    tokens: linkTokens,
    stopTokens,
    publicUrl,
    apiUrl: `${publicUrl}${api.basePath}`,
    send: smtp && createSmtp(smtp),
    orderOf: factsOfOrder(db),
  })
  onClose(() => sender.stop())
  return { mails: smtp ? mailOutbox : noMails, linkTokens, stopTokens }
}
