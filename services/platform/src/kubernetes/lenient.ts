import type { z } from 'zod'

/** No object has more values that a version before it does not know; past it, it counts as unreadable. */
const mostUnread = 50

/**
 * Reads a value of a version that may be newer: what the shape does not take (an enum's new member, a field of another type)
 * is left out, with as much around it as cannot be without it.
 *
 * @returns the value, and the paths of what was left out (`spec.latency`), empty when all was read.
 * @throws {z.ZodError} something is not as the shape says without which there is no object.
 */
export function readLeniently<T>(shape: z.ZodType<T>, value: unknown): { value: T; unread: string[] } {
  const first = shape.safeParse(value)
  if (first.success) return { value: first.data, unread: [] }
  const rest = structuredClone(value)
  const unread: string[] = []
  for (let result: z.ZodSafeParseResult<T> = first; unread.length < mostUnread; result = shape.safeParse(rest)) {
    if (result.success) return { value: result.data, unread }
    const path = result.error.issues[0]?.path
    const left = path && leaveOut(rest, path)
    if (left === undefined) break
    unread.push(left.join('.'))
  }
  throw first.error
}

// What is absent is missed by what is around it. The object's parts themselves (`spec`, `status`) are never left out.
function leaveOut(root: unknown, path: readonly PropertyKey[]): PropertyKey[] | undefined {
  for (let end = path.length; end >= 2; end -= 1) {
    const last = path[end - 1]
    const parent = path
      .slice(0, end - 1)
      .reduce<unknown>((at, key) => (isObject(at) ? Reflect.get(at, key) : undefined), root)
    if (!isObject(parent) || last === undefined || !Reflect.has(parent, last)) continue
    if (Array.isArray(parent)) parent.splice(Number(last), 1)
    else Reflect.deleteProperty(parent, last)
    return path.slice(0, end)
  }
  return undefined
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
