import { useEffect, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Icon } from '../ui/icon.tsx'

const saidMs = 3_000

/** Passes the show on: by the system's own sheet, or, where there is none, as a copied link. */
export function ShareButton({ title }: { title: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), saidMs)
    return () => clearTimeout(timer)
  }, [copied])
  const share = () => {
    const url = location.origin + location.pathname // without what is open over the show
    const bySystem = typeof navigator.share === 'function'
    const asked = bySystem ? navigator.share({ title, url }) : navigator.clipboard?.writeText(url)
    asked?.then(
      () => setCopied(!bySystem),
      () => undefined, // put away, or not allowed: the address bar has the link
    )
  }
  return (
    <button
      type="button"
      class="stage-button share"
      aria-label={t('watch.share')}
      data-testid={testIds.share}
      onClick={share}
    >
      <Icon name={copied ? 'check' : 'share'} />
      <span class={copied ? '' : 'visually-hidden'} role="status">
        {copied && t('watch.linkCopied')}
      </span>
    </button>
  )
}
