import { useEffect, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { Icon } from './icon.tsx'

const confirmMs = 2_000

/** Copies a text and says so. */
export function CopyButton({ text, label, testId }: { text: string; label?: string; testId?: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), confirmMs)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = () => {
    // refused without a secure context or permission: the text itself is selectable beside the button
    navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  }
  return (
    <button type="button" class="button button-quiet" onClick={copy} data-testid={testId}>
      <Icon name={copied ? 'check' : 'copy'} />
      <span aria-live="polite">{copied ? t('common.copied') : (label ?? t('common.copy'))}</span>
    </button>
  )
}
