import { AppError } from '@mytaek1/platform/errors.ts'

/** One address or account has as many open streams as it may; other Pods may have room. */
export class TooManyStreamsError extends AppError {
  readonly kind = 'too_many'
  readonly code = 'too_many_streams'
  override readonly retryAfterSeconds = 10
  constructor(streams: number, whose: 'from this address' | 'of this account') {
    super(`${streams} streams of events ${whose} are open`)
  }
}
