import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { preact } from '@preact/preset-vite'
import { defineConfig, type Plugin } from 'vite'

const compressible = /\.(html|js|css|svg|json|txt|webmanifest)$/
const smallestBytes = 1_024 // below this a compressed answer fits the same packet

/** Writes `.br` and `.gz` beside every text file once, at build time, so that serving costs no compression. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    async writeBundle({ dir }) {
      if (dir === undefined) return
      const names = (await readdir(dir, { recursive: true })).filter((name) => compressible.test(name))
      for (const path of names.map((name) => join(dir, name))) {
        const content = await readFile(path)
        if (content.length < smallestBytes) continue
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
        await writeFile(`${path}.br`, await promisify(brotliCompress)(content, quality))
        await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }))
      }
    },
  }
}

/** Asks for the Korean texts with the entry, not after it has run: most visits need them. */
function preloadTexts(): Plugin {
  return {
    name: 'preload-texts',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const texts = Object.values(bundle).find(
          (file) => file.type === 'chunk' && file.facadeModuleId?.endsWith('/messages-ko.ts'),
        )
        if (!texts) throw new Error('The build has no Korean texts')
        return [{ tag: 'link', attrs: { rel: 'modulepreload', href: `/${texts.fileName}` }, injectTo: 'head' }]
      },
    },
  }
}

// `npx vite -w …` serves the sources with hot reload and sends every other path to a running platform.
const platform = process.env.PLATFORM_URL ?? 'http://127.0.0.1:8080'
const proxied = { target: platform, changeOrigin: false }

export default defineConfig({
  plugins: [preact(), preloadTexts(), precompress()],
  // Without captions, alternate audio and DRM, none of which our playlists have: 117 kB instead of 182 kB compressed.
  resolve: { alias: [{ find: /^hls\.js$/, replacement: 'hls.js/dist/hls.light.mjs' }] },
  // the server preloads by the manifest what a page needs
  build: { manifest: true, target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': proxied, '/hls': proxied, '/images': proxied } },
})
