/**
 * Asks for the part that a playlist announces (EXT-X-PRELOAD-HINT, RFC 8216bis section 4.4.5.3), which hls.js reads and
 * leaves. The server holds the request and sends the part the moment it is whole, so it comes with the playlist that lists
 * it, not a round trip later. Whatever goes wrong, hls.js asks as it would have without.
 */
import type Hls from 'hls.js'
import type {
  FragmentLoaderConstructor,
  FragmentLoaderContext,
  HlsConfig,
  LoaderCallbacks,
  LoaderConfiguration,
  PlaylistLoaderConstructor,
} from 'hls.js'
import { LiveJoin } from './join-live.ts'

const holdMs = 8_000 // longer than the server holds a request: three target durations
const nearEdgeParts = 3
const mostAsked = 2 // the part that a playlist lists is taken after that playlist has announced the next one

/** What is read of a playlist. */
export interface Announcement {
  readonly url: string
  readonly preloadHint?: Readonly<Record<string, unknown>>
  readonly partList: readonly { readonly url: string }[] | null
}

interface Arrived {
  readonly data: ArrayBuffer
  readonly transferMs: number // from its first byte to its last
}

interface Asked {
  readonly arrived: Promise<Arrived | undefined>
  readonly abort: AbortController
}

/** An hls.js that takes announced parts, and begins at a key frame. */
export function playerWithHints(HlsPlayer: typeof Hls, config: Partial<HlsConfig>, join = new LiveJoin()): Hls {
  const parts = new HintedParts()
  // hls.js gives its general loader to fragments and playlists too, but has no types that say so
  const plain = HlsPlayer.DefaultConfig.loader as FragmentLoaderConstructor & PlaylistLoaderConstructor
  const hls = new HlsPlayer({ ...config, fLoader: hintedPartLoader(plain, parts), pLoader: join.loader(plain) })
  join.follow(HlsPlayer, hls)
  hls.on(HlsPlayer.Events.LEVEL_UPDATED, (_event, { details }) => parts.announced(details))
  hls.on(HlsPlayer.Events.DESTROYING, () => parts.close())
  return hls
}

/** The announced parts of one player. */
export class HintedParts {
  readonly #asked = new Map<string, Asked>()
  latestUrl = '' // what hls.js asked for last

  /** Takes every new playlist of the level on screen. Only who plays the newest parts wants the next one. */
  announced({ url, preloadHint, partList }: Announcement): void {
    const uri = preloadHint?.['TYPE'] === 'PART' ? preloadHint['URI'] : undefined
    if (typeof uri !== 'string') return
    const follows = partList?.slice(-nearEdgeParts).some((part) => part.url === this.latestUrl) ?? false
    const wanted = new URL(uri, url).href
    if (!follows || this.#asked.has(wanted)) return
    const abort = new AbortController()
    const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(holdMs)])
    this.#asked.set(wanted, { abort, arrived: this.#ask(wanted, signal).catch(() => undefined) })
    const [oldest] = this.#asked.keys()
    if (this.#asked.size > mostAsked && oldest !== undefined) this.take(oldest)?.abort.abort()
  }

  /** The part that was asked for already, once; undefined for any other. */
  take(url: string): Asked | undefined {
    const asked = this.#asked.get(url)
    this.#asked.delete(url)
    return asked
  }

  /** The player is gone. */
  close(): void {
    for (const { abort } of this.#asked.values()) abort.abort()
    this.#asked.clear()
  }

  async #ask(url: string, signal: AbortSignal): Promise<Arrived | undefined> {
    const response = await fetch(url, { signal })
    const firstByteAt = performance.now()
    if (!response.ok) return undefined
    const data = await response.arrayBuffer()
    return { data, transferMs: performance.now() - firstByteAt }
  }
}

/** A fragment loader (hls.js `fLoader`) that looks among `parts` first. */
export function hintedPartLoader(Plain: FragmentLoaderConstructor, parts: HintedParts): FragmentLoaderConstructor {
  return class HintedPartLoader extends Plain {
    #asked: Asked | undefined
    #onAborted: (() => void) | undefined

    override load(
      context: FragmentLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      parts.latestUrl = context.url
      const asked = parts.take(context.url)
      if (asked === undefined) return super.load(context, config, callbacks)
      this.#asked = asked
      this.#onAborted = () => callbacks.onAbort?.(this.stats, context, null)
      this.context = context
      this.stats.loading.start = performance.now()
      void asked.arrived.then((arrived) => {
        if (this.#asked !== asked) return // aborted
        this.#asked = undefined
        this.stats.loading.start = 0 // a loader that was used throws
        if (arrived === undefined) return super.load(context, config, callbacks)
        const { data, transferMs } = arrived
        // The bandwidth is the server's and the line's. How long the part was held, or lay here until hls.js wanted it,
        // says nothing of either; and hls.js measures until it has parsed the part, which is after now. So the transfer
        // is told as one that ends now.
        const { loading } = this.stats
        loading.end = performance.now()
        loading.first = loading.end - transferMs
        loading.start = loading.first
        this.stats.loaded = data.byteLength
        this.stats.total = data.byteLength
        callbacks.onSuccess({ url: context.url, data, code: 200 }, this.stats, context, null)
      })
    }

    override abort(): void {
      if (this.#asked === undefined) return super.abort()
      this.#drop()
      this.stats.aborted = true
      this.#onAborted?.()
    }

    override destroy(): void {
      this.#drop()
      super.destroy()
    }

    #drop(): void {
      this.#asked?.abort.abort()
      this.#asked = undefined
    }
  }
}
