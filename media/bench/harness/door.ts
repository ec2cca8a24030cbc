/** The door of the chart (nginx) as a process on loopback: the chart's own files, in a folder of their own. */
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@mytaek1/platform/testing/parts.ts'

const doorFiles = join(import.meta.dirname, '../../../charts/mytaek1/files/door')

export interface DoorOptions {
  readonly folder: string
  readonly edgePort: number
  readonly logPort: number // of the edge, where it counts viewers
  readonly port: number
  readonly tls?: { readonly port: number; readonly certificate: string; readonly key: string } // paths
}

/** Writes the door's configuration. @returns its path, for `nginx -c`. */
export async function writeDoor({ folder, edgePort, logPort, port, tls }: DoorOptions): Promise<string> {
  await mkdir(join(folder, 'cache'), { recursive: true })
  await cp(doorFiles, folder, { recursive: true })
  const listenTls =
    tls &&
    `listen 127.0.0.1:${tls.port} ssl http2 backlog=4096;
    ssl_certificate ${tls.certificate}; ssl_certificate_key ${tls.key}; ssl_protocols TLSv1.2 TLSv1.3;`
  const path = join(folder, 'nginx.conf')
  const fetchPort = await freePort()
  await writeFile(
    path,
    `include /etc/nginx/modules-enabled/*.conf;
daemon off; worker_processes 1; ${process.getuid?.() === 0 ? 'user root;' : ''} pid ${folder}/pid; error_log stderr warn;
events { worker_connections 20000; }
http {
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  lua_package_path "${folder}/?.lua;;";
  proxy_cache_path ${folder}/cache keys_zone=hls:16m max_size=256m inactive=2m use_temp_path=off levels=1:2;
  upstream edge {
    server 127.0.0.1:${edgePort} max_fails=0; server 127.0.0.1:${edgePort} max_fails=0;
    keepalive 256; keepalive_requests 1000000;
  }
  include ${folder}/http.conf;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    ${listenTls ?? ''}
    access_log syslog:server=127.0.0.1:${logPort},tag=door,nohostname viewers if=$counts;
    set $fetch_port ${fetchPort};
    include ${folder}/server.conf;
  }
  server {
    listen 127.0.0.1:${fetchPort};
    access_log syslog:server=127.0.0.1:${logPort},tag=door,nohostname waits;
    include ${folder}/fetch.conf;
  }
}
`,
  )
  return path
}
