import type { Block, ComposedMail, MailFacts } from './mail-facts.ts'
import type { MailLocale } from './mail.ts'
import { en } from './text-en.ts'
import { ko } from './text-ko.ts'

const texts = Object.freeze({ ko, en })

/** Writes a mail: plain text, and the same as simple HTML. What people wrote is shown as text in both. */
export function composeMail(facts: MailFacts): ComposedMail {
  const { subject, blocks } = texts[facts.locale](facts)
  const line = oneLine(subject)
  return { subject: line, text: `${blocks.map(asText).join('\n\n')}\n`, html: asHtml(line, facts.locale, blocks) }
}

// A subject is a header: whatever else guards it, it has one line.
const oneLine = (text: string) =>
  text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 200)

function asText(block: Block): string {
  if (typeof block === 'string') return block
  if ('link' in block) return `${block.label}:\n${block.link}`
  return block.rows.map(([what, much]) => `${what}  ${much}`).join('\n')
}

function asHtml(title: string, locale: MailLocale, blocks: readonly Block[]): string {
  const body = blocks.map((block) => {
    if (typeof block === 'string') return `<p>${escapeHtml(block)}</p>`
    if ('link' in block) return `<p><a href="${escapeHtml(block.link)}">${escapeHtml(block.label)}</a></p>`
    const rows = block.rows.map(([what, much]) => `<tr><td>${escapeHtml(what)}</td><td>${escapeHtml(much)}</td></tr>`)
    return `<table cellpadding="4">${rows.join('')}</table>`
  })
  return (
    `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>` +
    `<body style="font-family:sans-serif;line-height:1.5;max-width:36em">${body.join('')}</body></html>`
  )
}

/** Text as HTML that shows it. */
export const escapeHtml = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
