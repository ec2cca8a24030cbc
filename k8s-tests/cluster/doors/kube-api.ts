import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'

type Kubeconfig = {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }]
}

/** The API answered with another code than 2xx. */
export class KubeApiError extends Error {
  readonly code = 'kube_api'
  readonly status: number

  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path}: ${status} ${body.slice(0, 300)}`)
    this.status = status
  }
}

/** One call of the Kubernetes API, answered with its JSON, or with its text where that is none. */
export type KubeApi = (method: 'GET' | 'PATCH' | 'POST', path: string, body?: object) => Promise<unknown>

/**
 * A client for the kubeconfigs that this tool writes. The doorkeeper lives as long as the cluster and asks two things
 * of the API: 40 lines keep it at a third of the memory that a generated client takes.
 */
export async function openKubeApi(kubeconfigFile: string): Promise<KubeApi> {
  const config = JSON.parse(await readFile(kubeconfigFile, 'utf8')) as Kubeconfig
  const decode = (text: string): Buffer => Buffer.from(text, 'base64')
  const { cluster } = config.clusters[0]
  const { user } = config.users[0]
  const agent = new Agent({
    keepAlive: true,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  })
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
      const headers = body ? { 'content-type': type } : {}
      const ask = request(`${cluster.server}${path}`, { method, agent, headers, timeout: 10_000 }, (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk: string) => {
          text += chunk
        })
        answer.on('end', () => {
          const status = answer.statusCode ?? 0
          const isJson = /json/.test(answer.headers['content-type'] ?? '')
          if (status >= 200 && status < 300) resolve(isJson ? JSON.parse(text) : text)
          else reject(new KubeApiError(method, path, status, text))
        })
        answer.on('error', reject)
      })
      ask.on('timeout', () => ask.destroy(new Error(`${method} ${path}: no answer within 10 s`)))
      ask.on('error', reject)
      ask.end(body ? JSON.stringify(body) : undefined)
    })
}
