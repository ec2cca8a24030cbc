import type { Broadcast } from '../api/model.ts'
import { locale, t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'

/** What the seller should change about the encoder, while that is so: what comes, what to set, and where OBS has it. */
export function EncoderAdvice({ advice }: { advice: Broadcast['encoderAdvice'] }) {
  return (
    <div role="status">
      {advice && (
        <div class="warning advice" data-testid={testIds.encoderAdvice} data-code={advice.code}>
          <p class="advice-title">{adviceText(advice)}</p>
          {advice.code === 'key_frames_far_apart' && <p class="small">{t('studio.adviceWhy')}</p>}
          <p class="small">{t('studio.adviceObs', { set: advice.setKeyFrameIntervalSeconds })}</p>
        </div>
      )}
    </div>
  )
}

function adviceText({ keyFrameIntervalSeconds, setKeyFrameIntervalSeconds }: NonNullable<Broadcast['encoderAdvice']>) {
  const set = setKeyFrameIntervalSeconds
  if (keyFrameIntervalSeconds === null) return t('studio.adviceNoKeyFrame', { set })
  const seconds = new Intl.NumberFormat(locale.value, { maximumFractionDigits: 1 }).format(keyFrameIntervalSeconds)
  return t('studio.adviceFarApart', { seconds, set })
}
