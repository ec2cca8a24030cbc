import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import { readChatAnswers } from '../api/chat.ts'
import { endBroadcast, readOwnBroadcast } from '../api/commerce.ts'
import type { Broadcast, Product } from '../api/model.ts'
import { formatCount } from '../i18n/format.ts'
import { locale, t } from '../i18n/translate.ts'
import { useLivePlayer } from '../player/use-live-player.ts'
import { testIds } from '../testing/test-ids.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Icon } from '../ui/icon.tsx'
import { StateBadge } from '../ui/state-badge.tsx'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { ChatPanel } from '../watch/chat-panel.tsx'
import { LiveFeed } from '../watch/live-feed.ts'
import { CannedAnswers } from './canned-answers.tsx'
import { ChatTools } from './chat-tools.tsx'
import { DealDesk } from './deal-desk.tsx'
import { EncoderAdvice } from './encoder-advice.tsx'
import { RehearsalNote } from './rehearsal.tsx'
import { TrayTable } from './tray-table.tsx'

const adviceEveryMs = 10_000 // no event tells of it

/** The open broadcast: preview, its products with what is left of them, the chat and its tools, the end. */
export function OnAir({
  broadcast,
  products,
  onChanged,
}: {
  broadcast: Broadcast
  /** What the seller has on offer. */
  products: readonly Product[]
  onChanged: () => void
}) {
  const feed = useMemo(() => new LiveFeed(broadcast.id, readOwnBroadcast), [broadcast.id])
  useEffect(() => {
    feed.start()
    return () => feed.stop()
  }, [feed])
  useEffect(() => {
    const timer = setInterval(() => void feed.refresh(), adviceEveryMs) // its failures are kept in the feed
    return () => clearInterval(timer)
  }, [feed])
  const end = useAction(async () => {
    await endBroadcast(broadcast.id)
    onChanged()
  })
  const answers = useResource(readChatAnswers)
  const ready = { broadcastId: broadcast.id, answers: answers.value?.items ?? [] }
  const live = feed.live.value
  const [changed, setChanged] = useState<Broadcast>()
  const read = feed.broadcast.value ?? broadcast
  const current = changed && changed.trayRevision > read.trayRevision ? changed : read // what is on its way may be older
  useEffect(() => {
    if (live.state === 'ended') onChanged()
  }, [live.state === 'ended'])
  return (
    <section class="panel on-air" aria-labelledby="on-air-title">
      <header class="row row-apart">
        <div>
          <p class="on-air-facts">
            <StateBadge state={live.state} testId={testIds.broadcastState} />
            <span data-testid={testIds.viewers} data-viewers={live.viewers}>
              <Icon name="eye" /> {t('watch.viewers', { count: formatCount(live.viewers, locale.value) })}
            </span>
          </p>
          <h2 id="on-air-title">{current.title}</h2>
        </div>
        <Link class="button button-quiet" href={`/watch/${broadcast.id}`}>
          {t('studio.watch')}
        </Link>
      </header>
      <RehearsalNote broadcast={current} />
      <EncoderAdvice advice={current.encoderAdvice} />
      <div class="on-air-grid">
        <Preview broadcast={broadcast} live={live.state === 'live'} over={live.state === 'ended'} />
        <div class="stack">
          <TrayTable broadcast={current} live={live} offered={products} onChanged={setChanged} />
          <DealDesk broadcast={current} live={live} />
        </div>
        <div class="stack">
          <ChatPanel
            broadcastId={broadcast.id}
            sellerId={broadcast.sellerId}
            messages={live.chat}
            hidden={live.hidden}
            settings={live.chatSettings}
            closed={live.state === 'ended'}
            onSaid={(message) => feed.said(message)}
            replies={({ id }, close) => (
              <CannedAnswers
                {...ready}
                replyTo={id}
                onSaid={(message) => {
                  feed.said(message)
                  close()
                }}
              />
            )}
          />
          {live.state !== 'ended' && <CannedAnswers {...ready} onSaid={(message) => feed.said(message)} />}
          <ErrorNote error={answers.error} />
          <ChatTools broadcastId={broadcast.id} settings={live.chatSettings} />
        </div>
      </div>
      <ErrorNote error={end.error} />
      <ConfirmButton
        label={t('studio.end')}
        warning={t('studio.endWarning')}
        busy={end.busy}
        onConfirm={() => end.run()}
        testId={testIds.endBroadcast}
      />
    </section>
  )
}

function Preview({ broadcast, live, over }: { broadcast: Broadcast; live: boolean; over: boolean }) {
  const video = useRef<HTMLVideoElement>(null)
  const player = useLivePlayer(video, { broadcast, enabled: true, live, over })
  const playing = player?.state.value === 'playing'
  return (
    <div class="preview">
      <video ref={video} muted autoplay playsInline aria-label={t('studio.preview')} data-testid={testIds.video} />
      {playing ? (
        <span
          class="preview-latency"
          data-testid={testIds.latency}
          data-seconds={player.latencySeconds.value?.toFixed(3)}
        >
          {t('watch.latency', { seconds: player.latencySeconds.value?.toFixed(1) ?? '–' })}
        </span>
      ) : (
        <p class="preview-empty">{t('studio.previewNone')}</p>
      )}
    </div>
  )
}
