import { keepStreamKey, newStreamKey } from '../accounts/new-stream-key.ts'
import { rotateStreamKey } from '../api/commerce.ts'
import { account } from '../api/session.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'

/**
 * The stream key, readable only right after it was issued, and how OBS uses it.
 *
 * @param rtmpUrl as a broadcast of this seller tells it; before the first one the usual port on this host.
 */
export function StreamKeySection({ rtmpUrl }: { rtmpUrl: string | undefined }) {
  const rotate = useAction(async () => {
    const key = await rotateStreamKey()
    if (account.value) {
      keepStreamKey(account.value.id, key)
      const streamKey = { last4: key.slice(-4), issuedAt: new Date().toISOString(), revokedAt: null }
      account.value = { ...account.value, streamKey }
    }
  })
  const key = newStreamKey.value
  const server = rtmpUrl ?? `rtmp://${location.hostname}:1935/live`
  return (
    <section class="panel stack" aria-labelledby="key-title">
      <h2 id="key-title">{t('studio.key')}</h2>
      {key === undefined ? (
        <p>{t('studio.keyHidden', { last4: account.value?.streamKey.last4 ?? '—' })}</p>
      ) : (
        <>
          <p class="warning">{t('studio.keyOnce')}</p>
          <div class="secret">
            <code data-testid={testIds.streamKey}>{key}</code>
            <CopyButton text={key} testId={testIds.copyStreamKey} />
          </div>
        </>
      )}
      <h3>{t('studio.server')}</h3>
      <div class="secret">
        <code data-testid={testIds.rtmpUrl}>{server}</code>
        <CopyButton text={server} />
      </div>
      <details>
        <summary>{t('studio.obs')}</summary>
        <ol class="steps">
          <li>{t('studio.obs1')}</li>
          <li>{t('studio.obs2')}</li>
          <li>{t('studio.obs3')}</li>
          <li>{t('studio.obs4')}</li>
        </ol>
      </details>
      <ErrorNote error={rotate.error} />
      <ConfirmButton
        label={t('studio.keyRotate')}
        warning={t('studio.keyRotateWarning')}
        busy={rotate.busy}
        onConfirm={() => rotate.run()}
        testId={testIds.rotateStreamKey}
      />
    </section>
  )
}
