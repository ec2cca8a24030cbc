/** The things that break in a chaos run: MariaDB, Redis and the worker processes, each killed, paused and started again. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { startMariadb, startRedis, type Part } from '@mytaek1/platform/testing/parts.ts'
import type { Mutation } from './chaos-stock-mutations.ts'
import { startProxy, type Cut, type Proxy } from './chaos-stock-proxy.ts'
import type { WorkerReply, WorkerRequest } from './chaos-stock-worker.ts'
import { createShop } from './stock-parts.ts'

const answerWithinMs = 6_000

/** A request that got no answer: its process died, hung, or said "try again". */
export class UnansweredError extends Error {}

/** One worker process. */
export class Worker {
  #child: ChildProcess
  #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  #count = 0
  #ready = Promise.withResolvers<void>()

  constructor(env: Record<string, string>) {
    const file = new URL('chaos-stock-worker.ts', import.meta.url).pathname
    this.#child = fork(file, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#child.on('message', ({ n, value, error }: WorkerReply) => {
      if (n === 0) this.#ready.resolve()
      const waiting = this.#waiting.get(n)
      if (error === undefined) waiting?.resolve(value)
      else waiting?.reject(new UnansweredError(error))
      this.#waiting.delete(n)
    })
    this.#child.on('error', () => undefined) // a message to one just killed; its exit follows
    this.#child.on('exit', () => {
      this.#ready.resolve()
      for (const { reject } of this.#waiting.values()) reject(new UnansweredError('the process died'))
      this.#waiting.clear()
    })
  }

  /** Resolves when it takes requests, or is dead. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Asks and waits for the answer; rejects with UnansweredError, and never with anything else. */
  async ask(request: WorkerRequest): Promise<unknown> {
    const n = (this.#count += 1)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.set(n, { resolve, reject })
    const timer = setTimeout(() => reject(new UnansweredError('no answer in time')), answerWithinMs)
    try {
      if (!this.alive || !this.#child.connected) throw new UnansweredError('the process is dead')
      this.#child.send({ ...request, n }, (error) => error && reject(new UnansweredError('the process died')))
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(n)
    }
  }

  async pause(forMs: number): Promise<void> {
    this.#child.kill('SIGSTOP')
    await delay(forMs)
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    if (!this.alive) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}

/** Servers and workers of a run. */
export class Cluster {
  readonly workers: Worker[] = []
  #mariadbFolder = ''
  #redisFolder = ''
  #mariadb: Part | undefined
  #redis: Part | undefined
  #proxy: Proxy | undefined
  #mysqlUrl = ''
  #mutation: Mutation = 'none'
  /** Decides at each COMMIT of a worker. */
  cutCommit: () => Cut = () => undefined

  /** MariaDB's own address, past the proxy: for the driver's own reading. */
  get directUrl(): string {
    return this.#mysqlUrl
  }

  async start(): Promise<void> {
    this.#mariadbFolder = await mkdtemp(join(tmpdir(), 'mytaek1-chaos-mariadb-'))
    this.#redisFolder = await mkdtemp(join(tmpdir(), 'mytaek1-chaos-redis-'))
    this.#mariadb = await startMariadb({ folder: this.#mariadbFolder })
    this.#redis = await startRedis({ folder: this.#redisFolder })
    this.#proxy = await startProxy(this.#mariadb.port, () => this.cutCommit())
  }

  /** A new database, and new workers on it with one guard taken out. */
  async useDatabase(name: string, mutation: Mutation, workers: number): Promise<void> {
    await this.#killWorkers()
    this.#mutation = mutation
    this.#mysqlUrl = await createShop(this.#mariadb?.url ?? '', name)
    for (let n = 0; n < workers; n += 1) this.#spawn(n)
    await Promise.all(this.workers.map((worker) => worker.ready))
  }

  async replaceWorker(index: number): Promise<void> {
    await this.workers[index]?.kill()
    this.#spawn(index)
  }

  /** Kills MariaDB with no chance to end in order, and starts it on what it had made durable. */
  async crashMariadb(): Promise<void> {
    await this.#mariadb?.kill()
    this.#mariadb = await startMariadb({ folder: this.#mariadbFolder, port: this.#mariadb?.port })
  }

  /** Kills Redis, which keeps nothing, and starts an empty one. */
  async crashRedis(downMs: number): Promise<void> {
    await this.#redis?.kill()
    await delay(downMs)
    this.#redis = await startRedis({ folder: this.#redisFolder, port: this.#redis?.port })
  }

  /** Everything in Redis is gone, as after a failover to a replica that had not heard yet. */
  async emptyRedis(): Promise<void> {
    await this.#withRedis((client) => client.flushall())
  }

  /** Replaces Redis by a copy of an earlier time, in which somebody holds the product's lock who no longer exists. */
  async staleRedis(productId: string): Promise<void> {
    await this.#withRedis(async (client) => {
      await client.set(`lock:stock:${productId}`, 'a holder long gone', 'PX', 5_000)
      await client.save()
      await client.del(`lock:stock:${productId}`)
    })
    await this.#redis?.kill()
    this.#redis = await startRedis({ folder: this.#redisFolder, port: this.#redis?.port })
  }

  async stop(): Promise<void> {
    await this.#killWorkers()
    await this.#proxy?.stop()
    await this.#mariadb?.kill()
    await this.#redis?.kill()
    await rm(this.#mariadbFolder, { recursive: true, force: true, maxRetries: 10 })
    await rm(this.#redisFolder, { recursive: true, force: true })
  }

  #spawn(index: number): void {
    const viaProxy = Object.assign(new URL(this.#mysqlUrl), { port: String(this.#proxy?.port) }).href
    const env = {
      MYSQL_URL: viaProxy,
      REDIS_URL: this.#redis?.url ?? '',
      MUTATION: this.#mutation,
      MAX_BATCH: index % 2 ? '4' : '', // so small that whole batches wait, and overlap
    }
    this.workers[index] = new Worker(env)
  }

  async #killWorkers(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()))
    this.workers.length = 0
  }

  async #withRedis(work: (client: Redis) => Promise<unknown>): Promise<void> {
    const client = new Redis(this.#redis?.url ?? '', { maxRetriesPerRequest: 3 })
    client.on('error', () => undefined)
    await work(client)
    client.disconnect()
  }
}
