/**
 * Which tracks a recording has where. A media source keeps the tracks that it began with (Media Source Extensions, section
 * 3.5.8), so a recording whose encoder came back with other ones plays through several, one after the other. Each player
 * asks only for segments with the tracks of its own: one that got others would fail seconds before the change is reached.
 */
import type { FragmentLoaderConstructor, FragmentLoaderContext, LoaderCallbacks, LoaderConfiguration } from 'hls.js'

const mostInits = 256 // of one recording; what begins with another is taken to be like what came before
const loadDeadlineMs = 10_000

/** What is read of a segment: where its init segment is. */
export interface InitOf {
  readonly sn: number | 'initSegment'
  readonly url: string
  readonly start: number
  readonly duration: number
  readonly initSegment: { readonly url: string } | null
}

/** The tracks of the init segments of one recording, e.g. `soun+vide`. */
export class TrackSets {
  readonly #known = new Map<string, Promise<string | undefined>>()
  readonly #sets = new Map<string, string>()
  readonly #signal: AbortSignal
  #reading: Promise<string | undefined> = Promise.resolve(undefined)

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** Takes a playlist's segments; where all begin with the same init segment, nothing has to be read. */
  read(segments: readonly InitOf[]): void {
    const urls = [...new Set(segments.flatMap(({ initSegment }) => initSegment?.url ?? []))].slice(0, mostInits)
    if (urls.length < 2) return
    for (const url of urls.filter((url) => !this.#known.has(url))) {
      this.#reading = this.#reading.then(() => readTracks(url, this.#signal)).catch(() => undefined)
      this.#known.set(url, this.#reading)
      void this.#reading.then((tracks) => tracks && this.#sets.set(url, tracks)) // it never rejects
    }
  }

  /** Waits for what is being read of a segment's tracks. @returns undefined where nothing is known. */
  async of(segment: InitOf): Promise<string | undefined> {
    await Promise.resolve() // hls.js asks for a segment before it tells others of the playlist
    return this.#known.get(initUrlOf(segment))
  }

  /** What is known by now. */
  knownOf(segment: InitOf): string | undefined {
    return this.#sets.get(initUrlOf(segment))
  }
}

/** A segment loader (hls.js `fLoader`) that lets segments with other tracks than the first one's wait for ever. */
export function oneTrackSetLoader(Plain: FragmentLoaderConstructor, sets: TrackSets): FragmentLoaderConstructor {
  let own: string | undefined
  return class OneTrackSetLoader extends Plain {
    #gone = false

    override load(
      context: FragmentLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      this.context = context
      void sets.of(context.frag).then((tracks) => {
        own ??= tracks
        const fits = tracks === undefined || tracks === own
        if (!this.#gone && fits) super.load(context, config, callbacks)
      })
    }

    override abort(): void {
      this.#gone = true
      super.abort()
    }

    override destroy(): void {
      this.#gone = true
      super.destroy()
    }
  }
}

/** The handler types of an init segment's tracks, in order of the alphabet: `soun+vide` (ISO/IEC 14496-12 section 8.4.3). */
export function tracksOf(init: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(init)
  const types = Array.from(text.matchAll(/hdlr[^]{8}(\w{4})/g), ([, type = '']) => type)
  return types.toSorted((one, other) => one.localeCompare(other)).join('+')
}

async function readTracks(url: string, signal: AbortSignal): Promise<string | undefined> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(loadDeadlineMs)]) })
  return response.ok ? tracksOf(new Uint8Array(await response.arrayBuffer())) : undefined
}

const initUrlOf = ({ sn, url, initSegment }: InitOf) => (sn === 'initSegment' ? url : (initSegment?.url ?? ''))
