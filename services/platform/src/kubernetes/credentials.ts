import { readFile } from 'node:fs/promises'

/** Tokens of a ServiceAccount live an hour and are renewed in place; a minute's cache costs nothing. */
const refreshMs = 60_000
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount' // unless SERVICE_ACCOUNT_FOLDER names another

/** Where the apiserver is and how to be let in. */
export interface Credentials {
  server: URL
  /** Namespace of the Pod or of the kubeconfig's context. */
  namespace: string
  tls: { ca?: string | Buffer; cert?: string | Buffer; key?: string | Buffer; rejectUnauthorized?: boolean }
  /** Headers of one call (Authorization); read again when they may have been renewed. */
  headers(): Promise<Record<string, string>>
}

/**
 * The credentials of a kubeconfig's current context (every login method that client-node knows), or without a path those
 * of the Pod's ServiceAccount, mounted at `serviceAccount`.
 *
 * client-node is loaded for a kubeconfig only: importing it takes 90 MiB and a second (measured), too much for stream
 * Pods that run by the hundred.
 * @throws {Error} the file cannot be read, or there is no ServiceAccount here.
 */
export function loadCredentials(options: { kubeconfig?: string; serviceAccount?: string } = {}): Promise<Credentials> {
  const { kubeconfig, serviceAccount = process.env['SERVICE_ACCOUNT_FOLDER'] ?? serviceAccountFolder } = options
  return kubeconfig === undefined ? fromServiceAccount(serviceAccount) : fromKubeconfig(kubeconfig)
}

async function fromServiceAccount(folder: string): Promise<Credentials> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env
  if (!host)
    throw new Error('No Kubernetes: neither KUBECONFIG nor a ServiceAccount (KUBERNETES_SERVICE_HOST) is given')
  const [ca, namespace] = await Promise.all([readFile(`${folder}/ca.crt`), readFile(`${folder}/namespace`, 'utf8')])
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port ?? '443'}`),
    namespace: namespace.trim(),
    tls: { ca },
    headers: refreshed(async () => ({
      authorization: `Bearer ${(await readFile(`${folder}/token`, 'utf8')).trim()}`,
    })),
  }
}

async function fromKubeconfig(path: string): Promise<Credentials> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  config.loadFromFile(path)
  const cluster = config.getCurrentCluster()
  if (!cluster) throw new Error(`The kubeconfig ${path} has no current context`)
  const readOptions = async () => {
    const options: Parameters<typeof config.applyToHTTPSOptions>[0] = {}
    await config.applyToHTTPSOptions(options)
    return options
  }
  const { ca, cert, key, rejectUnauthorized } = await readOptions()
  return {
    server: new URL(cluster.server),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    tls: { ca: pem(ca), cert: pem(cert), key: pem(key), rejectUnauthorized },
    headers: refreshed(async () => {
      const { headers, auth } = await readOptions()
      const pairs = Object.entries({ ...headers }).map(([name, value]) => [name.toLowerCase(), String(value)] as const)
      const basic: [string, string][] = auth ? [['authorization', `Basic ${Buffer.from(auth).toString('base64')}`]] : []
      return Object.fromEntries([...pairs, ...basic])
    }),
  }
}

const pem = (value: unknown) => (typeof value === 'string' || Buffer.isBuffer(value) ? value : undefined)

function refreshed<T>(read: () => Promise<T>): () => Promise<T> {
  let held: { value: Promise<T>; at: number } | undefined
  return () => {
    const now = performance.now()
    if (held === undefined || now - held.at > refreshMs) {
      const value = read()
      held = { value, at: now }
      value.catch(() => (held = undefined)) // the next call tries again
    }
    return held.value
  }
}
