/** The embedded cluster's ingress controller (Traefik) as a process on loopback, set up as `addons/traefik.yaml` does. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathsFor } from '../../../k8s-tests/cluster/host/paths.ts'
import { ensureTools } from '../../../k8s-tests/cluster/build/toolchain.ts'

export interface IngressOptions {
  readonly folder: string
  readonly edgePort: number
  readonly port: number
  readonly tls: { readonly port: number; readonly certificate: string; readonly key: string } // paths
}

/** Writes its configuration, and builds it where nobody has. @returns the program and its arguments. */
export async function writeIngress({ folder, edgePort, port, tls }: IngressOptions): Promise<[string, string[]]> {
  const { traefik } = await ensureTools(pathsFor(process.env).cache, ['traefik'])
  const routes = join(folder, 'routes.json')
  const rule = 'PathPrefix(`/hls`)'
  await writeFile(
    routes,
    JSON.stringify({
      http: {
        routers: {
          clear: { rule, service: 'edge', entryPoints: ['web'] },
          secure: { rule, service: 'edge', entryPoints: ['websecure'], tls: {} },
        },
        services: { edge: { loadBalancer: { servers: [{ url: `http://127.0.0.1:${edgePort}` }] } } },
      },
      tls: { certificates: [{ certFile: tls.certificate, keyFile: tls.key }] },
    }),
  )
  const endless = ['web', 'websecure'].flatMap((name) =>
    ['read', 'write'].map((side) => `--entrypoints.${name}.transport.respondingtimeouts.${side}timeout=0s`),
  )
  return [
    traefik,
    [
      '--global.checknewversion=false',
      '--global.sendanonymoususage=false',
      `--providers.file.filename=${routes}`,
      `--entrypoints.web.address=127.0.0.1:${port}`,
      `--entrypoints.websecure.address=127.0.0.1:${tls.port}`,
      '--entrypoints.websecure.http.tls=true',
      ...endless,
      '--log.level=ERROR',
    ],
  ]
}
