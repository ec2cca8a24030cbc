import { newId } from '@mytaek1/platform/ids.ts'

/** A new broadcast id: also a Kubernetes object's name and a part of Pod names, so a DNS label (RFC 1123). */
export function newBroadcastId(): string {
  return newId('b').replace('_', '-')
}
