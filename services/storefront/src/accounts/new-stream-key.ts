import { signal } from '@preact/signals'

/** A stream key that was just issued: in memory only, gone with the page; no service tells it a second time. */
export const newStreamKey = signal<string | undefined>(undefined)
