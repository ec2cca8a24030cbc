/** Lets a running process come after others where the CPU is short. Linux: it reads /proc. */
import { readdirSync } from 'node:fs'
import { setPriority } from 'node:os'

/**
 * Gives every thread of a process a niceness: Linux keeps one for each thread, and only threads made later inherit it.
 * A process or thread that has ended is passed over.
 *
 * @see setpriority(2), "C library/kernel differences"
 */
export function yieldCpu(pid: number, niceness: number): void {
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, niceness)
    } catch {
      // it has ended since
    }
  }
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return []
  }
}
