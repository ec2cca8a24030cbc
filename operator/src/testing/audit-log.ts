/** kube-apiserver's audit log: who did what, told by the apiserver itself. */
import { readFile, readdir, writeFile } from 'node:fs/promises'
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
  /** Flags with which a kube-apiserver writes this log. */
  readonly apiserverArgs: readonly string[]
  #file: string

  private constructor(file: string, policy: string) {
    this.#file = file
    this.apiserverArgs = [
      `--audit-policy-file=${policy}`,
      `--audit-log-path=${file}`,
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
    const file = path.join(folder, 'audit-policy.yaml')
    await writeFile(file, JSON.stringify(policy))
    return new AuditLog(path.join(folder, 'audit.log'), file)
  }

  /** The log of a kube-apiserver that writes one already. */
  static of(file: string): AuditLog {
    return new AuditLog(file, '')
  }

  /**
   * The requests of a user since `since`, those in rotated files too.
   * @throws {Error} the log no longer reaches back to `since`
   */
  async requestsOf(username: string, since = new Date(0)): Promise<AuditEvent[]> {
    return (await this.#events(username, since)).filter(({ user }) => user.username === username)
  }

  // Those whose line contains a word.
  async #events(word: string, since: Date): Promise<AuditEvent[]> {
    const folder = path.dirname(this.#file)
    const stem = path.basename(this.#file, '.log')
    const rotated = (await readdir(folder))
      .filter((name) => name.startsWith(`${stem}-`) && name.endsWith('.log'))
      .sort()
    const texts = await Promise.all(
      [...rotated, `${stem}.log`].map((name) => readFile(path.join(folder, name), 'utf8')),
    )
    // what stands behind the last line's end is being written at this moment
    const lines = texts.flatMap((text) => text.split('\n').slice(0, -1))
    const first = lines[0] === undefined ? undefined : eventShape.parse(JSON.parse(lines[0]))
    if (rotated.length > 0 && first && Date.parse(first.stageTimestamp) > since.getTime())
      throw new Error(`the audit log begins at ${first.stageTimestamp}, after ${since.toISOString()}`)
    return lines
      .filter((line) => line.includes(word))
      .map((line) => eventShape.parse(JSON.parse(line)))
      .filter((event) => Date.parse(event.stageTimestamp) >= since.getTime())
  }

  /** The successful writes of a user, without its Lease and its Events. */
  async writesOf(username: string, since?: Date): Promise<AuditEvent[]> {
    return (await this.requestsOf(username, since)).filter(
      (event) => isWrite(event) && event.objectRef?.resource !== 'leases' && event.objectRef?.resource !== 'events',
    )
  }

  /** Successful writes of anybody to one kind of object in a namespace. */
  async writesTo(namespace: string, resource: string, since: Date): Promise<AuditEvent[]> {
    const isThere = ({ objectRef }: AuditEvent) => objectRef?.namespace === namespace && objectRef.resource === resource
    return (await this.#events(namespace, since)).filter((event) => isWrite(event) && isThere(event))
  }
}

const isWrite = ({ verb, responseStatus }: AuditEvent) => writeVerbs.has(verb) && (responseStatus?.code ?? 500) < 300
