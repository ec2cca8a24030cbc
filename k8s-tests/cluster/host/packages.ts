import { access, readFile, rm, writeFile } from 'node:fs/promises'
import { step } from './progress.ts'
import { run } from './run.ts'

/** A Debian package and the file that shows that it is there, whoever installed it. */
export type SystemPackage = { name: string; file: string }

/** What the embedded cluster needs. */
export const clusterPackages: readonly SystemPackage[] = [
  { name: 'containerd', file: 'containerd' },
  { name: 'runc', file: 'runc' },
  { name: 'containernetworking-plugins', file: '/usr/lib/cni/bridge' },
  { name: 'iptables', file: 'iptables' },
  { name: 'conntrack', file: 'conntrack' },
  { name: 'ipset', file: 'ipset' },
  { name: 'ethtool', file: 'ethtool' },
  { name: 'iproute2', file: 'ip' },
  { name: 'openssl', file: 'openssl' },
  { name: 'util-linux', file: 'unshare' },
  { name: 'buildah', file: 'buildah' },
  { name: 'debootstrap', file: 'debootstrap' },
  { name: 'ca-certificates', file: '/etc/ssl/certs/ca-certificates.crt' },
]

/** What `make test` and `make demo` need besides: real servers, a real encoder, a real browser with Korean letters. */
export const testPackages: readonly SystemPackage[] = [
  { name: 'mariadb-server', file: 'mariadbd' },
  { name: 'redis-server', file: 'redis-server' },
  { name: 'ffmpeg', file: 'ffmpeg' },
  { name: 'chromium', file: 'chromium' },
  { name: 'nginx', file: 'nginx' },
  { name: 'libnginx-mod-http-lua', file: '/usr/lib/nginx/modules/ngx_http_lua_module.so' },
  { name: 'fonts-noto-cjk', file: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc' },
]

/** What the media benches need besides: the server they are compared with. */
export const benchPackages: readonly SystemPackage[] = [
  { name: 'nginx', file: 'nginx' },
  { name: 'libnginx-mod-rtmp', file: '/usr/lib/nginx/modules/ngx_rtmp_module.so' },
]

/** What `make load` needs besides: JMeter comes by its coordinates. */
export const loadPackages: readonly SystemPackage[] = [
  { name: 'openjdk-17-jre-headless', file: 'java' },
  { name: 'maven', file: 'mvn' },
]

/** What `make fuzz-api` needs besides. */
export const fuzzPackages: readonly SystemPackage[] = [
  { name: 'python3', file: 'python3' },
  { name: 'python3-venv', file: '/usr/share/doc/python3-venv' }, // its files lie in a folder named for Python's version
]

/** Where programs are looked for: root's own PATH may lack sbin. */
const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin']

/** The packages whose program or file is not on this machine. */
export async function missingPackages(wanted: readonly SystemPackage[]): Promise<string[]> {
  const missing: string[] = []
  for (const { name, file } of wanted) {
    const candidates = file.startsWith('/') ? [file] : folders.filter(Boolean).map((folder) => `${folder}/${file}`)
    const found = await Promise.all(
      candidates.map((candidate) =>
        access(candidate).then(
          () => true,
          () => false,
        ),
      ),
    )
    if (!found.includes(true)) missing.push(name)
  }
  return missing
}

/** Installs Debian packages without a question, and without starting the services that some of them bring. */
export async function installPackages(names: readonly string[]): Promise<void> {
  await step(`installing ${names.join(' ')}`, async () => {
    const policy = '/usr/sbin/policy-rc.d'
    const hadPolicy = await readFile(policy).then(
      () => true,
      () => false,
    )
    // 101: "action forbidden by policy". A database of the machine's own must not appear because of a test.
    if (!hadPolicy) await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
    try {
      const env = { DEBIAN_FRONTEND: 'noninteractive' }
      await run('apt-get', ['update', '-q'], { env })
      await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...names], { env })
    } finally {
      if (!hadPolicy) await rm(policy, { force: true })
    }
  })
}
