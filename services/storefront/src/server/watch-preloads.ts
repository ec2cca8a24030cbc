import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const page = 'src/watch/watch-page.tsx'
const player = /\/hls\.js\/dist\/[\w.]+$/

/** Of what Vite's manifest says of a file: where it is, and what it imports at once. */
interface Built {
  file: string
  imports?: string[]
}

/**
 * Links for the head of a watch page's document: its code is asked for with the first bytes, not when the entry has run, and
 * the player's beside it, after what is drawn first. None where the site was built without a manifest.
 *
 * @see https://vite.dev/guide/backend-integration
 */
export async function watchPreloads(folder: string): Promise<string> {
  let manifest: Record<string, Built>
  try {
    manifest = JSON.parse(await readFile(join(folder, '.vite/manifest.json'), 'utf8')) as Record<string, Built> // our own build's
  } catch {
    return ''
  }
  const files = new Set<string>()
  const add = (name: string) => {
    const built = manifest[name]
    if (built === undefined || files.has(built.file)) return
    files.add(built.file)
    built.imports?.forEach(add)
  }
  add(page)
  const later = Object.entries(manifest).find(([name]) => player.test(name))?.[1].file
  const links = [...files].map((file) => `<link rel="modulepreload" href="/${file}" />`)
  return (
    links.join('') + (later === undefined ? '' : `<link rel="modulepreload" href="/${later}" fetchpriority="low" />`)
  )
}
