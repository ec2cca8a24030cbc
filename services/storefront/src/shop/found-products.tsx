import { useEffect, useRef, useState } from 'preact/hooks'
import type { Page, Product } from '../api/model.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useAction } from '../ui/use-action.ts'
import { shopText } from './catalogue-texts.ts'
import { ProductTiles } from './product-tile.tsx'

/** A list of products, a page after the other; begin anew by another `key`. */
export function FoundProducts({
  read,
  heading,
  none,
}: {
  read: (cursor: string | undefined) => Promise<Page<Product>>
  heading: 'h2' | 'h3'
  none: string
}) {
  const [found, setFound] = useState<Page<Product>>()
  const left = useRef(false)
  const { run, busy, error } = useAction(async () => {
    const page = await read(found?.nextCursor ?? undefined)
    if (!left.current) setFound({ items: [...(found?.items ?? []), ...page.items], nextCursor: page.nextCursor })
  })
  useEffect(() => {
    run()
    return () => void (left.current = true)
  }, [])
  return (
    <div class="stack" tabIndex={-1}>
      <p role="status" class={found?.items.length === 0 ? 'muted' : 'visually-hidden'} data-testid={testIds.foundNews}>
        {found && (found.items.length === 0 ? none : shopText('search.found', { count: found.items.length }))}
      </p>
      {found && found.items.length > 0 && <ProductTiles products={found.items} heading={heading} />}
      <ErrorNote error={error} />
      {(error !== undefined || found?.nextCursor) && (
        <button type="button" class="button" disabled={busy} data-testid={testIds.foundMore} onClick={run}>
          {error === undefined ? t('common.more') : t('common.retry')}
        </button>
      )}
    </div>
  )
}
