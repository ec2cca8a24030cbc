import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Broadcast } from '../api/model.ts'
import { formatCount, formatTime } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import type { LivePlayer } from '../player/live-player.ts'
import { StageControls, StageInvitations } from '../player/stage-controls.tsx'
import { useLivePlayer } from '../player/use-live-player.ts'
import { useMediaSession } from '../player/use-media-session.ts'
import type { RecordingState } from '../player/recording-player.ts'
import { useRecording } from '../player/use-recording.ts'
import { testIds } from '../testing/test-ids.ts'
import { Icon } from '../ui/icon.tsx'
import { Picture } from '../ui/picture.tsx'
import { StateBadge } from '../ui/state-badge.tsx'
import type { LiveState } from './live-state.ts'
import { lazyPage } from '../ui/lazy-page.tsx'
import { ShareButton } from './share-button.tsx'

const HeartButton = lazyPage(async () => (await import('./heart-button.tsx')).HeartButton, { waiting: null })
const FollowButton = lazyPage(async () => (await import('./follow-button.tsx')).FollowButton, { waiting: null })

/**
 * The picture and what belongs to it, as places of the page's grid: title, message, the way to sound, controls.
 *
 * @param onReplay what is on screen of a recording happened then; the chat goes by it.
 * @param onOver the player learned that the broadcast is over, which the page may not have been told.
 */
export function Stage({
  broadcast,
  live,
  connected,
  frame,
  video,
  onReplay,
  onOver,
  onSignIn,
}: {
  broadcast: Broadcast
  live: LiveState
  connected: boolean
  frame: RefObject<HTMLElement>
  video: RefObject<HTMLVideoElement>
  onReplay: (atMs: number | undefined) => void
  onOver: () => void
  onSignIn: () => void
}) {
  useMediaSession(broadcast)
  const onAir = live.state === 'live' || live.state === 'interrupted'
  // an ended broadcast is not begun anew, but one that plays is played to its last picture
  const begun = useStays(onAir || live.state === 'open')
  const [finished, setFinished] = useState(false)
  const ended = live.state === 'ended'
  const player = useLivePlayer(video, {
    broadcast,
    enabled: begun && !finished,
    live: onAir,
    over: ended,
  })
  const finishes = player?.state.value === 'finished'
  useEffect(() => {
    if (!finishes) return
    setFinished(true) // the player leaves the video to the recording
    onOver()
  }, [finishes])
  const over = finished || (ended && !begun)
  const replays = over && broadcast.recordingUrl !== null
  const recording = useRecording(video, { broadcast, enabled: replays })
  const replay = replays && recording.state === 'ready'
  const replayedAtMs = replay ? recording.atMs : undefined
  useEffect(() => onReplay(replayedAtMs), [replayedAtMs])
  const plays = player !== undefined && (player.state.value === 'playing' || player.state.value === 'stalled')
  const picture = plays || replay
  return (
    <>
      <div class={`stage ${replay ? 'stage-replay' : ''}`} data-testid={testIds.stage}>
        {!picture && (
          <div class="stage-poster" aria-hidden="true">
            <Picture urls={broadcast.imageUrls} size="full" letter={broadcast.title} />
          </div>
        )}
        <video
          ref={video}
          class={picture ? 'video-shown' : 'video-waiting'}
          muted={!replays}
          autoplay={!replays}
          controls={replay}
          playsInline
          aria-label={t(replays ? 'watch.recording' : 'watch.video', { title: broadcast.title })}
          data-testid={testIds.video}
          data-player-state={replays ? recording.state : finished ? 'finished' : player?.state.value}
        />
      </div>
      <div class="stage-top">
        <h1>{broadcast.title}</h1>
        <div class="stage-deeds">
          {onAir && <HeartButton broadcastId={broadcast.id} hearts={live.hearts} onSignIn={onSignIn} />}
          <ShareButton title={broadcast.title} />
        </div>
        <p class="stage-facts">
          <StateBadge state={live.state} testId={testIds.broadcastState} />
          <span class="stage-seller">{broadcast.sellerName}</span>
          <FollowButton sellerId={broadcast.sellerId} sellerName={broadcast.sellerName} onSignIn={onSignIn} />
          <span class="stage-viewers" data-testid={testIds.viewers} data-viewers={live.viewers}>
            <Icon name="eye" />
            <span aria-hidden="true">{formatCount(live.viewers, locale.value)}</span>
            <span class="visually-hidden">{t('watch.viewers', { count: live.viewers })}</span>
          </span>
        </p>
      </div>
      <div class="stage-middle">
        <Message
          broadcast={broadcast}
          live={live}
          player={player}
          picture={picture}
          finished={finished}
          recording={replays && recording.state}
          retry={recording.retry}
        />
        <div class="stage-notes">
          {!connected && (
            <p class="stage-note" role="status">
              {t('watch.eventsLost')}
            </p>
          )}
          {player && <StageInvitations video={video} player={player} />}
        </div>
      </div>
      {player && plays && <StageControls video={video} player={player} frame={frame} />}
    </>
  )
}

interface StageFacts {
  player: LivePlayer | undefined
  picture: boolean
  finished: boolean // what was watched live is over
  recording: RecordingState | false
  retry: () => void
}

function Message({ broadcast, live, ...stage }: { broadcast: Broadcast; live: LiveState } & StageFacts) {
  const { picture } = stage
  const message = messageOf(broadcast, live, stage)
  return (
    <div class="stage-message-slot" role="status">
      {message && (
        <p
          class={`stage-message ${picture ? 'stage-message-banner' : ''}`}
          data-testid={testIds.stageMessage}
          data-state={message.state}
        >
          {message.text}
          {message.retry && (
            <button type="button" class="link-button" data-testid={testIds.retryPlaying} onClick={message.retry}>
              {t('common.retry')}
            </button>
          )}
        </p>
      )}
    </div>
  )
}

interface StageMessage {
  state: 'waiting' | 'reconnecting' | 'interrupted' | 'ended' | 'failed'
  text: string
  retry?: () => void
}

function messageOf(
  broadcast: Broadcast,
  live: LiveState,
  { player, picture, finished, recording, retry }: StageFacts,
): StageMessage | undefined {
  if (recording === 'failed') return { state: 'failed', text: t('watch.recordingFailed'), retry }
  if (recording === 'unloaded' || player?.state.value === 'unloaded')
    return { state: 'failed', text: t('error.no_answer'), retry: () => location.reload() }
  // who watched is told of the end at once, while the recording is still being made whole
  if (finished && !picture && recording !== 'unsupported') return { state: 'ended', text: t('watch.ended') }
  if (recording === 'loading') return { state: 'waiting', text: t('common.loading') }
  if (player?.state.value === 'unsupported' || recording === 'unsupported')
    return { state: 'failed', text: t('watch.unsupported') }
  if (live.state === 'ended' && !picture) return { state: 'ended', text: t('watch.ended') }
  if (live.state === 'interrupted') return { state: 'interrupted', text: t('watch.interrupted') }
  if (live.state === 'scheduled') {
    const time = formatTime(broadcast.scheduledAt ?? broadcast.createdAt, locale.value)
    return { state: 'waiting', text: t('watch.scheduled', { time }) }
  }
  if (live.state === 'open' && !picture) return { state: 'waiting', text: t('watch.waiting') }
  if (live.state === 'live' && !picture) return { state: 'waiting', text: t('common.loading') }
  if (player?.state.value === 'stalled') return { state: 'reconnecting', text: t('watch.reconnecting') }
  return undefined
}

/** True from the first time on. */
function useStays(now: boolean): boolean {
  const ever = useRef(false)
  ever.current ||= now
  return ever.current
}
