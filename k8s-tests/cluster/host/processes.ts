import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Who a process is: its number alone is reused by the kernel, number and start time together are not. */
export type ProcessIdentity = {
  pid: number
  /** Clock ticks from boot to the process's start, field 22 of /proc/PID/stat. */
  startTicks: number
  /** Ticks count from a boot; this tells which one. */
  bootId: string
}

/** The start time in the text of a /proc/PID/stat file. The name in parentheses may itself hold spaces and parentheses. */
export function startTicksOf(stat: string): number {
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // Field 3 (state) is the first after the name, so field 22 is the twentieth.
  return Number(afterName[19])
}

/** Reads the identity of a running process; `undefined` when there is none with that number. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat === undefined) return undefined
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  return { pid, startTicks: startTicksOf(stat), bootId }
}

/** Whether exactly this process, not a later one with its number, still runs. */
export async function isAlive(identity: ProcessIdentity | undefined): Promise<boolean> {
  if (identity === undefined) return false
  const now = await identify(identity.pid)
  return now !== undefined && now.startTicks === identity.startTicks && now.bootId === identity.bootId
}

/**
 * Ends exactly this process and waits until it is gone; does nothing when it already is.
 *
 * @param graceMs how long SIGTERM may take before SIGKILL; 0 kills at once.
 * @throws {Error} the process is still there 10 s after SIGKILL.
 */
export async function endProcess(identity: ProcessIdentity | undefined, graceMs: number): Promise<void> {
  if (identity === undefined || !(await isAlive(identity))) return
  if (graceMs > 0) {
    signalIfThere(identity.pid, 'SIGTERM')
    if (await isGoneWithin(identity, graceMs)) return
  }
  signalIfThere(identity.pid, 'SIGKILL')
  if (!(await isGoneWithin(identity, 10_000))) throw new Error(`process ${identity.pid} did not end after SIGKILL`)
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function isGoneWithin(identity: ProcessIdentity, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms
  while (await isAlive(identity)) {
    if (Date.now() > deadline) return false
    await sleep(50)
  }
  return true
}
