import type { ComponentChildren, ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'

/**
 * A page whose code is loaded when it is first shown; a failed load (a deployment, no network) offers to load again.
 *
 * @param options.waiting stands in its place until then; null: it is a part that a page can be without.
 */
export function lazyPage<P extends object>(
  load: () => Promise<ComponentType<P>>,
  { waiting }: { waiting?: ComponentChildren } = {},
): ComponentType<P> {
  let loaded: ComponentType<P> | undefined
  return function LazyPage(props: P) {
    const [, setReady] = useState(false)
    const [failed, setFailed] = useState(false)
    useEffect(() => {
      if (loaded) return
      load().then(
        (page) => {
          loaded = page
          setReady(true)
        },
        () => setFailed(true),
      )
    }, [])
    if (loaded) {
      const Page = loaded
      return <Page {...props} />
    }
    if (waiting === null || (!failed && waiting !== undefined)) return <>{waiting}</>
    if (!failed) return <p class="muted page">{t('common.loading')}</p>
    return (
      <p class="panel narrow" role="alert">
        {t('error.no_answer')}{' '}
        <button type="button" class="link-button" onClick={() => location.reload()}>
          {t('common.retry')}
        </button>
      </p>
    )
  }
}
