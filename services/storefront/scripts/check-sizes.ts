/**
 * What a phone loads before it shows something, compressed as it is served: builds the site in memory, prints the figures and
 * exits 1 when one is over its limit. The player (hls.js) is a request of its own, after the page is drawn.
 */
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'

// bytes: the first page; the watch page for who comes to it first, 45,000 and what of its player is our own
const limits = { list: 35_000, watch: 52_000 }

const root = join(import.meta.dirname, '..')
const built = await build({ root, logLevel: 'error', build: { write: false } })
const output = [built].flat().flatMap((each) => ('output' in each ? each.output : []))
const chunks = output.filter((file): file is Rolldown.OutputChunk => file.type === 'chunk')
const styles = new Map(
  output.flatMap((file) =>
    file.type === 'asset' && file.fileName.endsWith('.css') ? [[file.fileName, String(file.source)] as const] : [],
  ),
)

const named = (end: string) => chunks.filter(({ facadeModuleId }) => facadeModuleId?.endsWith(end))
const entry = [...chunks.filter(({ isEntry }) => isEntry), ...named('/messages-ko.ts')]
const watch = named('/watch/watch-page.tsx')
const sizes = { list: sizeOf(entry), watch: sizeOf([...entry, ...watch]) }
for (const [name, limit] of Object.entries(limits)) {
  const size = sizes[name as keyof typeof sizes]
  process.stdout.write(`${name} ${size} of ${limit} bytes\n`)
  if (size > limit) process.exitCode = 1
}
if (!entry.some(({ viteMetadata }) => viteMetadata && viteMetadata.importedCss.size > 0))
  throw new Error('The entry has no styles')
if (entry.length < 2 || watch.length === 0) throw new Error('The build has no entry, no Korean texts or no watch page')

/** Of chunks with all that they import at once, and their styles. */
function sizeOf(from: readonly Rolldown.OutputChunk[]): number {
  const files = new Map<string, string>()
  const add = (chunk: Rolldown.OutputChunk | undefined) => {
    if (chunk === undefined || files.has(chunk.fileName)) return
    files.set(chunk.fileName, chunk.code)
    for (const name of chunk.viteMetadata?.importedCss ?? []) files.set(name, styles.get(name) ?? '')
    for (const name of chunk.imports) add(chunks.find(({ fileName }) => fileName === name))
  }
  for (const chunk of from) add(chunk)
  return [...files.values()].reduce((sum, text) => sum + brotliCompressSync(text).length, 0)
}
