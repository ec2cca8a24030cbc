import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'

/** Builds the site into a folder of its own, as an image has it; `remove` takes the folder away. TEST_SITE is one that stands. */
export async function buildSite(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const standing = process.env.TEST_SITE
  if (standing !== undefined) return { folder: standing, remove: () => Promise.resolve() }
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-dist-'))
  const root = join(import.meta.dirname, '../..')
  await build({ root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } })
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
