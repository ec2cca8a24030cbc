/** Hearts that are given and those that are shown, as values. */

const mostWaiting = 10 // what one request takes
const mostFlying = 5

/** What is given and not yet sent, after one press more; what is beyond a request's is not counted. */
export const pressed = (waiting: number): number => Math.min(waiting + 1, mostWaiting)

/** How many hearts to let fly when the sum went from one number to another: a few, however many there are. */
export const flying = (before: number, now: number): number => Math.max(0, Math.min(now - before, mostFlying))
