import { AppError } from '@mytaek1/platform/errors.ts'

const secondsUntil = (until: Date | null, now: Date) =>
  until === null ? undefined : Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1_000))

/** The seller does not let this account write for some time. */
export class ChatMutedError extends AppError {
  readonly kind = 'forbidden'
  readonly code = 'chat_muted'
  override readonly retryAfterSeconds?: number
  constructor(until: Date | null, now: Date) {
    super(`The seller muted this account ${until === null ? 'for good' : `until ${until.toISOString()}`}`)
    this.retryAfterSeconds = secondsUntil(until, now)
  }
}

/** The seller shut this account out of the chat. */
export class ChatBannedError extends AppError {
  readonly kind = 'forbidden'
  readonly code = 'chat_banned'
  override readonly retryAfterSeconds?: number
  constructor(until: Date | null, now: Date) {
    super(
      `The seller banned this account from the chat ${until === null ? 'for good' : `until ${until.toISOString()}`}`,
    )
    this.retryAfterSeconds = secondsUntil(until, now)
  }
}

/** Only the seller and staff may write for now. */
export class ChatFrozenError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'chat_frozen'
  constructor() {
    super('The seller has frozen the chat')
  }
}

/** The text has a word that the seller does not want; which one is not said, or lists would be read out by trying. */
export class BannedWordError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'chat_word'
  constructor() {
    super('The text has a word that is not taken in this chat')
  }
}

/** Moderators may do less than the seller; the message says which of it this was. */
export class BeyondModeratorError extends AppError {
  readonly kind = 'forbidden'
  readonly code = 'forbidden'
}

/** Links are the staff's here. */
export class ChatLinkError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'chat_link'
  constructor() {
    super('Only the seller and staff may write links in this chat')
  }
}

/** Slow mode: Retry-After says how long, by the server's clock. */
export class SlowModeError extends AppError {
  readonly kind = 'too_many'
  readonly code = 'slow_mode'
  override readonly retryAfterSeconds: number
  constructor(slowSeconds: number, waitMs: number) {
    super(`Slow mode: one message in ${slowSeconds} s`)
    this.retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000))
  }
}

/** Who keeps the chat cannot be kept from it. */
export class StaffNotRestrictedError extends AppError {
  readonly kind = 'unprocessable'
  readonly code = 'staff_not_restricted'
  constructor() {
    super('The seller, their moderators and admins cannot be kept from the chat')
  }
}

/** A seller keeps as many accounts from the chat as one may. */
export class TooManyRestrictedError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'too_many_restricted'
  constructor(most: number) {
    super(`A seller may keep ${most} accounts from the chat`)
  }
}
