import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { watchPreloads } from './watch-preloads.ts'

test('a watch page’s code, all it imports and, later, the player are asked for with the document', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-site-'))
  t.after(() => rm(folder, { recursive: true }))
  assert.equal(await watchPreloads(folder), '')
  const manifest = {
    'index.html': { file: 'assets/index-1.js', isEntry: true },
    'src/watch/watch-page.tsx': { file: 'assets/watch-2.js', imports: ['index.html', '_sheet-3.js'] },
    '_sheet-3.js': { file: 'assets/sheet-3.js', imports: ['index.html'] },
    '../../node_modules/hls.js/dist/hls.light.mjs': { file: 'assets/hls-4.js' },
  }
  await mkdir(join(folder, '.vite'))
  await writeFile(join(folder, '.vite/manifest.json'), JSON.stringify(manifest))
  const links = await watchPreloads(folder)
  assert.deepEqual(
    [...links.matchAll(/href="([^"]+)"/g)].map(([, href]) => href),
    ['/assets/watch-2.js', '/assets/index-1.js', '/assets/sheet-3.js', '/assets/hls-4.js'],
  )
  assert.match(links, /hls-4\.js" fetchpriority="low"/)
})
