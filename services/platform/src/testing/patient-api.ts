import { KubernetesApi, type CallOptions } from '../kubernetes/api.ts'
import { loadCredentials } from '../kubernetes/credentials.ts'

/** How soon an apiserver answers is no fact that a test of something else states: a machine may stand still for seconds. */
const patienceMs = 120_000

class PatientApi extends KubernetesApi {
  override call(options: CallOptions): Promise<unknown> {
    return super.call({ ...options, deadlineMs: options.deadlineMs ?? patienceMs })
  }
}

/** Connects as `connectKubernetes` does, for tests: a call has two minutes where nothing else is said. */
export async function connectPatiently(options: { kubeconfig: string; userAgent?: string }): Promise<KubernetesApi> {
  return new PatientApi(await loadCredentials(options), options.userAgent ?? 'test')
}
