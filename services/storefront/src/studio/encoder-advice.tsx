import type { Broadcast } from '../api/model.ts'
import { locale } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { encoderText } from './encoder-texts.ts'

type Advice = NonNullable<Broadcast['encoderAdvice']>

/** What the seller should change about the encoder, while that is so: what comes, what to set, and where OBS has it. */
export function EncoderAdvice({ advice }: { advice: Broadcast['encoderAdvice'] }) {
  return (
    <div role="status">
      {advice && (
        <div class="warning advice" data-testid={testIds.encoderAdvice} data-code={advice.code}>
          <p class="advice-title">{adviceText(advice)}</p>
          {detailsOf(advice).map((text) => (
            <p class="small">{text}</p>
          ))}
        </div>
      )}
    </div>
  )
}

function adviceText({ code, keyFrameIntervalSeconds, setKeyFrameIntervalSeconds: set }: Advice): string {
  if (code === 'sound_not_taken') return encoderText('soundNotTaken')
  if (code === 'picture_not_taken') return encoderText('pictureNotTaken')
  if (code === 'key_frames_not_idr') return encoderText('notIdr', { set })
  if (keyFrameIntervalSeconds === null) return encoderText('noKeyFrame', { set })
  const seconds = new Intl.NumberFormat(locale.value, { maximumFractionDigits: 1 }).format(keyFrameIntervalSeconds)
  return encoderText('farApart', { seconds, set })
}

function detailsOf({ code, setKeyFrameIntervalSeconds: set }: Advice): string[] {
  if (code === 'sound_not_taken' || code === 'picture_not_taken') return [encoderText('tracksStay')]
  const why = code === 'key_frames_far_apart' || code === 'key_frames_not_idr' ? [encoderText('why')] : []
  const where = code === 'key_frames_not_idr' ? [encoderText('x264')] : []
  return [...why, encoderText('obs', { set }), ...where]
}
