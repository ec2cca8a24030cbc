/** What processes cost, as /proc tells. */
import { readdirSync, readFileSync } from 'node:fs'

/** CPU seconds (user and system) that a process itself has used. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100 // utime, stime in ticks of 1/100 s
}

/** CPU time, user and system, that processes used together between two marks. */
export class CpuMeter {
  microseconds = 0
  readonly #pids: readonly number[]

  constructor(...pids: number[]) {
    this.#pids = pids
  }

  begin(): void {
    this.microseconds = -this.#total()
  }

  end(): void {
    this.microseconds += this.#total()
  }

  #total(): number {
    return this.#pids.reduce((sum, pid) => sum + cpuSeconds(pid) * 1e6, 0)
  }
}

/** Resident memory of a process in MiB. */
export function rssMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
  return Number(kb ?? 0) / 1024
}

/** Open file descriptors of a process of ours. */
export function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** Its children that are there now, and stay: nginx has one that ends when it has looked at the cache. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .trim()
    .split(' ')
    .filter((child) => child !== '' && !readFileSync(`/proc/${child}/cmdline`, 'latin1').includes('cache loader'))
    .map(Number)
}

/** Resident memory of a process and its children together, in MiB. */
export function podRssMb(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + rssMb(child), rssMb(pid))
}
