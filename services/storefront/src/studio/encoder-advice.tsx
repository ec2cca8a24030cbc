import type { Broadcast } from '../api/model.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'

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
  if (code === 'sound_not_taken') return t('studio.adviceSoundNotTaken')
  if (code === 'picture_not_taken') return t('studio.advicePictureNotTaken')
  if (code === 'key_frames_not_idr') return t('studio.adviceNotIdr', { set })
  if (keyFrameIntervalSeconds === null) return t('studio.adviceNoKeyFrame', { set })
  const seconds = new Intl.NumberFormat(locale.value, { maximumFractionDigits: 1 }).format(keyFrameIntervalSeconds)
  return t('studio.adviceFarApart', { seconds, set })
}

function detailsOf({ code, setKeyFrameIntervalSeconds: set }: Advice): string[] {
  if (code === 'sound_not_taken' || code === 'picture_not_taken') return [t('studio.adviceTracksStay')]
  const why = code === 'key_frames_far_apart' || code === 'key_frames_not_idr' ? [t('studio.adviceWhy')] : []
  const where = code === 'key_frames_not_idr' ? [t('studio.adviceX264')] : []
  return [...why, t('studio.adviceObs', { set }), ...where]
}
