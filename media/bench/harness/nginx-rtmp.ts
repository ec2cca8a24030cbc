/** Debian's nginx with its rtmp module, as the reference: plain HLS with 1 s fragments. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const modulePath = '/usr/lib/nginx/modules/ngx_rtmp_module.so'

export interface NginxRtmp {
  rtmpPort: number
  key: string
  playlistUrl: string
  close(): Promise<void>
}

/** Starts it on free ports; undefined where it is not installed. */
export async function startNginxRtmp(): Promise<NginxRtmp | undefined> {
  if (!existsSync('/usr/sbin/nginx') || !existsSync(modulePath)) return undefined
  const root = await mkdtemp(join(tmpdir(), 'mytaek1-nginx-'))
  await mkdir(join(root, 'hls'))
  const [rtmpPort, httpPort] = [await freePort(), await freePort()]
  await writeFile(join(root, 'nginx.conf'), configuration(root, rtmpPort, httpPort))
  const child = spawn('/usr/sbin/nginx', ['-p', root, '-c', join(root, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await wait(500)
  return {
    rtmpPort,
    key: 'bench',
    playlistUrl: `http://127.0.0.1:${httpPort}/hls/bench.m3u8`,
    close: async () => {
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      await closed
      await rm(root, { recursive: true, force: true })
    },
  }
}

function configuration(root: string, rtmpPort: number, httpPort: number): string {
  return `load_module ${modulePath};
daemon off;
user root;
worker_processes 1;
pid ${root}/nginx.pid;
error_log ${root}/error.log;
events { worker_connections 1024; }
rtmp { server { listen 127.0.0.1:${rtmpPort}; chunk_size 4096;
  application live { live on; hls on; hls_path ${root}/hls; hls_fragment 1s; hls_playlist_length 6s; } } }
http { access_log off; types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; }
  server { listen 127.0.0.1:${httpPort}; location /hls { root ${root}; add_header Access-Control-Allow-Origin *; add_header Cache-Control no-cache; } } }
`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
