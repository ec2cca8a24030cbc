/**
 * What a link to a show, a product or a seller becomes in a messenger: title, words and picture, as Open Graph tags in the
 * page's head.
 * Messengers run no script, so the server writes them. The page never waits long for it: without an answer of commerce it
 * is the page as it is, with its preloads.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Middleware } from 'koa'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { afterRunning } from '@mytaek1/platform/running-time.ts'
import { watchPreloads } from './watch-preloads.ts'

const shownPath = /^\/(watch|products|sellers)\/([\w-]{1,64})\/?$/
const usualAnswerMs = 500
const keptMs = 30_000
const keptMax = 1_000
const shownProducts = 3
const describedCharacters = 200

/** What is shown of what commerce answers. */
interface Preview {
  type: string
  title: string
  description: string
  imageUrl: string | undefined
  /** Path of a picture that the page itself asks for first. */
  preloaded?: string | undefined
}

export interface PreviewDeps {
  log: Logger
  /** The built site. */
  folder: string
  /** Where commerce answers, within the platform. */
  commerceUrl: string
  /** Where the site is for everybody. */
  publicUrl: string
  /** How long commerce is waited for; absent: 0.5 s. */
  answerMs?: number
}

/** Pages of a broadcast, a product or a seller, with the tags; anything else is the next one's. */
export function linkPreview(deps: PreviewDeps): Middleware {
  const previews = new Map<string, { until: number; preview: Promise<Preview | undefined> }>()
  const pages: Partial<Record<Kind, Promise<string>>> = {}
  const previewOf = (kind: Kind, id: string, now: number): Promise<Preview | undefined> => {
    const key = `${kind} ${id}`
    const kept = previews.get(key)
    if (kept !== undefined && kept.until > now) return kept.preview
    const preview = readPreview(deps, kind, id)
    previews.delete(key)
    previews.set(key, { until: now + keptMs, preview })
    const [oldest] = previews.keys()
    if (previews.size > keptMax && oldest !== undefined) previews.delete(oldest)
    return preview
  }
  return async (ctx, next) => {
    const [, kind, id] = (shownPath.exec(ctx.path) ?? []) as [string?, Kind?, string?]
    if (kind === undefined || id === undefined || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return await next()
    const preview = await previewOf(kind, id, Date.now())
    const page = (pages[kind] ??= readPage(deps.folder, kind))
    ctx.state.route = kind
    ctx.set('cache-control', 'no-cache')
    ctx.type = 'html'
    ctx.body = preview ? withTags(await page, preview, `${deps.publicUrl}/${kind}/${id}`) : await page
  }
}

async function readPage(folder: string, kind: Kind): Promise<string> {
  const page = await readFile(join(folder, 'index.html'), 'utf8')
  if (kind !== 'watch') return page
  const preloads = await watchPreloads(folder)
  return page.replace('</head>', () => `${preloads}</head>`)
}

/** The page with tags in its head; every text is what it says, never markup. */
function withTags(page: string, { type, title, description, imageUrl, preloaded }: Preview, url: string): string {
  const tags: [name: string, content: string | undefined][] = [
    ['og:type', type],
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
  if (preloaded !== undefined) lines.push(`<link rel="preload" as="image" href="${escape(preloaded)}" />`)
  return page
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escape(title)} · MyTaek1</title>`)
    .replace('</head>', () => `${lines.join('')}</head>`)
}

const escape = (text: string) => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** Undefined: commerce has no such thing, or does not say in time. */
async function readPreview(deps: PreviewDeps, kind: Kind, id: string) {
  const { log, commerceUrl, publicUrl, answerMs = usualAnswerMs } = deps
  const late = new AbortController()
  // in time that this process ran: an answer that it has not read yet is none that did not come
  const timer = afterRunning(answerMs, () => late.abort(new Error(`commerce said nothing within ${answerMs} ms`)))
  try {
    const answer = await fetch(`${commerceUrl}/api/commerce/v1/${kinds[kind].resource}/${id}`, {
      signal: late.signal,
    })
    if (!answer.ok) {
      await answer.body?.cancel()
      return undefined
    }
    const said = (await answer.json()) as Record<string, unknown> // the border: each field is looked at
    return kinds[kind].previewIn(said, id, publicUrl)
  } catch (error) {
    log.debug('preview.unanswered', { kind, id, error: String(error) })
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

function showIn(said: Record<string, unknown>, id: string, publicUrl: string): Preview | undefined {
  const { title, sellerName, products, imageUrls, state, hlsOrigin } = said
  if (typeof title !== 'string' || typeof sellerName !== 'string' || !Array.isArray(products)) return undefined
  const onAir = state === 'live' || state === 'interrupted'
  const preview = onAir ? `${typeof hlsOrigin === 'string' ? hlsOrigin : publicUrl}/hls/${id}/thumbnail.jpg` : undefined
  const names = products
    .flatMap((product: { name?: unknown }) => (typeof product.name === 'string' ? [product.name] : []))
    .slice(0, shownProducts)
  return {
    type: 'video.other',
    title,
    description: [sellerName, names.join(', ')].filter((part) => part !== '').join(' · '),
    imageUrl: uploaded(imageUrls, publicUrl) ?? preview,
    preloaded: state === 'live' && typeof hlsOrigin !== 'string' ? `/hls/${id}/thumbnail.jpg` : undefined, // the page's shape
  }
}

function productIn(said: Record<string, unknown>, _id: string, publicUrl: string): Preview | undefined {
  const { name, description, imageUrls } = said
  if (typeof name !== 'string' || typeof description !== 'string') return undefined
  const about = description.replaceAll(/\s+/g, ' ').slice(0, describedCharacters)
  return { type: 'product', title: name, description: about, imageUrl: uploaded(imageUrls, publicUrl) }
}

function sellerIn(said: Record<string, unknown>): Preview | undefined {
  const { displayName, business } = said
  if (typeof displayName !== 'string') return undefined
  const { name } = (business ?? {}) as { name?: unknown }
  return { type: 'profile', title: displayName, description: typeof name === 'string' ? name : '', imageUrl: undefined }
}

function uploaded(imageUrls: unknown, publicUrl: string): string | undefined {
  const jpeg = (imageUrls as { full?: { jpeg?: unknown } } | null)?.full?.jpeg
  return typeof jpeg === 'string' ? new URL(jpeg, publicUrl).href : undefined
}

const kinds = Object.freeze({
  watch: { resource: 'broadcasts', previewIn: showIn },
  products: { resource: 'products', previewIn: productIn },
  sellers: { resource: 'sellers', previewIn: sellerIn },
})
type Kind = keyof typeof kinds
