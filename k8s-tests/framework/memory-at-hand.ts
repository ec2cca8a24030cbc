/**
 * Memory that a virtual machine has touched, for Pods that start while a stream is measured. A hypervisor takes back what a guest
 * has free, and gives it again page by page at the first touch, while that processor does nothing else: 512 MiB took 2.8 s here
 * instead of 0.3, one page up to 146 ms. Real nodes do not do that to the stream beside the Pod that starts.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { freemem } from 'node:os'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

const blockMiB = 64
const everyMs = 1_000
const heldAtMost = 80 // blocks: 5 GiB
const heldShare = 0.4 // of what is free: a small machine has better use for it

// touches all of it first, then lets go of one block after the other: what was freed last is given first
const holder = `
  const blocks = Array.from({ length: Number(process.argv[1]) }, () => Buffer.alloc(${blockMiB} * 2 ** 20, 1))
  process.stdout.end('held')
  setInterval(() => { blocks.pop(); gc(); if (blocks.length === 0) process.exit() }, ${everyMs})
  process.on('disconnect', () => process.exit())`

/**
 * Holds touched memory and lets go of it bit by bit for about so long; with the calling process it ends at once.
 *
 * @returns the process that holds it, and how that ends
 */
export async function keepMemoryAtHand(
  seconds: number,
): Promise<{ pid: number | undefined; exited: Promise<unknown> }> {
  const free = Math.floor((freemem() * heldShare) / (blockMiB * 2 ** 20))
  const blocks = Math.max(1, Math.min(heldAtMost, free, Math.ceil((seconds * 1_000) / everyMs)))
  const child = spawn(process.execPath, ['--expose-gc', '--eval', holder, `${blocks}`], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  }) as ChildProcess & { stdout: Readable }
  child.channel?.unref()
  child.unref()
  const exited = once(child, 'exit').then(([code]) => code as unknown)
  exited.catch(() => undefined) // one that did not start holds nothing, and that is all
  await text(child.stdout) // ends when all is held, or with the process
  return { pid: child.pid, exited }
}
