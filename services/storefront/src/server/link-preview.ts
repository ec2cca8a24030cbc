/**
 * What a link to a show becomes in a messenger: title, seller, products and picture, as Open Graph tags in the page's head.
 * Messengers run no script, so the server writes them. The page never waits long for it: without an answer of commerce it
 * is the page as it is, with its preloads.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Middleware } from 'koa'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { watchPreloads } from './watch-preloads.ts'

const watchPath = /^\/watch\/([\w-]{1,64})\/?$/
const answerMs = 500
const keptMs = 30_000
const keptMax = 1_000
const shownProducts = 3

/** What of a broadcast is shown; the rest of commerce's answer is not looked at. */
interface Show {
  title: string
  sellerName: string
  products: { name: string }[]
  imageUrl: string | undefined
}

export interface PreviewDeps {
  log: Logger
  /** The built site. */
  folder: string
  /** Where commerce answers, within the platform. */
  commerceUrl: string
  /** Where the site is for everybody. */
  publicUrl: string
}

/** Pages of a broadcast, with the tags; anything else is the next one's. */
export function linkPreview(deps: PreviewDeps): Middleware {
  const shows = new Map<string, { until: number; show: Promise<Show | undefined> }>()
  let page: Promise<string> | undefined
  const showOf = (id: string, now: number): Promise<Show | undefined> => {
    const kept = shows.get(id)
    if (kept !== undefined && kept.until > now) return kept.show
    const show = readShow(deps, id)
    shows.delete(id)
    shows.set(id, { until: now + keptMs, show })
    const [oldest] = shows.keys()
    if (shows.size > keptMax && oldest !== undefined) shows.delete(oldest)
    return show
  }
  return async (ctx, next) => {
    const id = watchPath.exec(ctx.path)?.[1]
    if (id === undefined || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return await next()
    const show = await showOf(id, Date.now())
    page ??= readPage(deps.folder)
    ctx.state.route = 'watch'
    ctx.set('cache-control', 'no-cache')
    ctx.type = 'html'
    ctx.body = show ? withTags(await page, show, `${deps.publicUrl}/watch/${id}`) : await page
  }
}

async function readPage(folder: string): Promise<string> {
  const [page, preloads] = await Promise.all([readFile(join(folder, 'index.html'), 'utf8'), watchPreloads(folder)])
  return page.replace('</head>', () => `${preloads}</head>`)
}

/** The page with a show's tags in its head; every text is what it says, never markup. */
function withTags(page: string, { title, sellerName, products, imageUrl }: Show, url: string): string {
  const names = products.slice(0, shownProducts).map(({ name }) => name)
  const description = [sellerName, names.join(', ')].filter((part) => part !== '').join(' · ')
  const tags: [name: string, content: string | undefined][] = [
    ['og:type', 'video.other'],
    ['og:site_name', 'MyTaek1'],
    ['og:title', title],
    ['og:description', description],
    ['og:url', url],
    ['og:image', imageUrl],
    ['twitter:card', 'summary_large_image'],
  ]
  const lines = tags.flatMap(([name, content]) =>
    content === undefined ? [] : `<meta property="${name}" content="${escape(content)}" />`,
  )
  return page
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escape(title)} · MyTaek1</title>`)
    .replace('</head>', () => `${lines.join('')}</head>`)
}

const escape = (text: string) => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** Undefined: commerce has no such show, or does not say in time. */
async function readShow({ log, commerceUrl, publicUrl }: PreviewDeps, id: string): Promise<Show | undefined> {
  try {
    const answer = await fetch(`${commerceUrl}/api/commerce/v1/broadcasts/${id}`, {
      signal: AbortSignal.timeout(answerMs),
    })
    if (!answer.ok) {
      await answer.body?.cancel()
      return undefined
    }
    return showIn(await answer.json(), id, publicUrl)
  } catch (error) {
    log.debug('preview.unanswered', { broadcastId: id, error: String(error) })
    return undefined
  }
}

function showIn(answer: unknown, id: string, publicUrl: string): Show | undefined {
  const { title, sellerName, products, imageUrls, state, hlsOrigin } = answer as Record<string, unknown> // the border
  if (typeof title !== 'string' || typeof sellerName !== 'string' || !Array.isArray(products)) return undefined
  const uploaded = (imageUrls as { full?: { jpeg?: unknown } } | null)?.full?.jpeg
  const onAir = state === 'live' || state === 'interrupted'
  const preview = onAir ? `${typeof hlsOrigin === 'string' ? hlsOrigin : publicUrl}/hls/${id}/thumbnail.jpg` : undefined
  return {
    title,
    sellerName,
    products: products.flatMap((product: { name?: unknown }) =>
      typeof product.name === 'string' ? [{ name: product.name }] : [],
    ),
    imageUrl: typeof uploaded === 'string' ? new URL(uploaded, publicUrl).href : preview,
  }
}
