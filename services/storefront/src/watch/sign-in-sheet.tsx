import { useEffect } from 'preact/hooks'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { lazyPage } from '../ui/lazy-page.tsx'
import { Sheet } from '../ui/sheet.tsx'

// few sign in amid a show, and what they wait for has its sheet already
const AccountGate = lazyPage(async () => (await import('../accounts/account-gate.tsx')).AccountGate)

/** Signs in over the show, which goes on; closes by itself when that is done. */
export function SignInSheet({ onClose }: { onClose: () => void }) {
  const done = account.value !== null && account.value !== undefined
  useEffect(() => {
    if (done) onClose()
  }, [done])
  return (
    <Sheet labelledBy="sign-in-title" onClose={onClose}>
      <section class="stack" tabIndex={-1}>
        <header class="row row-apart">
          <h2 id="sign-in-title">{t('account.signInTitle')}</h2>
          <button type="button" class="icon-button" aria-label={t('common.close')} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        <AccountGate reason={t('chat.signInWhy')}>{null}</AccountGate>
      </section>
    </Sheet>
  )
}
