/** kube-apiserver's audit log: who did what, told by the apiserver itself. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

const eventShape = z.object({
  verb: z.string(),
  user: z.object({ username: z.string() }),
  objectRef: z
    .object({
      apiGroup: z.string().default(''),
      resource: z.string(),
      subresource: z.string().optional(),
      namespace: z.string().optional(),
      name: z.string().optional(),
    })
    .optional(),
  responseStatus: z.object({ code: z.number().optional() }).optional(),
  stageTimestamp: z.string(),
})
export type AuditEvent = z.infer<typeof eventShape>

const writeVerbs = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

export class AuditLog {
  readonly apiserverArgs: readonly string[]
  #file: string

  private constructor(folder: string) {
    this.#file = path.join(folder, 'audit.log')
    this.apiserverArgs = [
      `--audit-policy-file=${folder}/audit-policy.yaml`,
      `--audit-log-path=${this.#file}`,
      '--audit-log-mode=blocking-strict',
    ]
  }

  /** Writes the policy (every request, its metadata only) into `folder`. */
  static async prepare(folder: string): Promise<AuditLog> {
    const policy = {
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      omitStages: ['RequestReceived'],
      rules: [{ level: 'Metadata' }],
    }
    await writeFile(path.join(folder, 'audit-policy.yaml'), JSON.stringify(policy))
    return new AuditLog(folder)
  }

  /** All requests of a user so far. */
  async of(username: string): Promise<AuditEvent[]> {
    const lines = (await readFile(this.#file, 'utf8')).split('\n').filter((line) => line !== '')
    return lines.map((line) => eventShape.parse(JSON.parse(line))).filter((event) => event.user.username === username)
  }

  /** The successful writes of a user, without its Lease and its Events. */
  async writesOf(username: string): Promise<AuditEvent[]> {
    return (await this.of(username)).filter(
      ({ verb, objectRef, responseStatus }) =>
        writeVerbs.has(verb) &&
        objectRef?.resource !== 'leases' &&
        objectRef?.resource !== 'events' &&
        (responseStatus?.code ?? 500) < 300,
    )
  }
}
