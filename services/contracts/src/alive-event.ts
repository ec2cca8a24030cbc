/** What a quiet connection says every 15 s, with nothing in it: a reader that hears nothing for much longer has lost it. */
export const aliveEventType = 'alive'
