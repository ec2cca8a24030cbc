const paths = Object.freeze({
  play: 'M8 5.5v13l11-6.5z',
  pause: 'M7 5h3.5v14H7zM13.5 5H17v14h-3.5z',
  sound: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15 9a4 4 0 0 1 0 6m2.2-8.2a7 7 0 0 1 0 10.4',
  muted: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9.5l5 5m0-5l-5 5',
  fullscreen: 'M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5',
  close: 'M6 6l12 12M18 6L6 18',
  bag: 'M5 8h14l-1 12H6zM9 8a3 3 0 0 1 6 0',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.3a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4z',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  pin: 'M9 3h6l-1 6 4 4H6l4-4zM12 13v8',
  send: 'M4 12l16-8-6 16-3-7z',
  camera: 'M3 7h12v10H3zM15 11l6-3.5v9L15 13',
  holdChat: 'M4 5h16v11h-9l-5 4v-4H4zM10 8.5v4M14 8.5v4',
  goOnChat: 'M4 5h16v11h-9l-5 4v-4H4zM10.5 8l4 2.5-4 2.5z',
  pip: 'M3 5h18v14H3zM12 12h6.5v4.5H12z',
  share: 'M12 15V4m-4 4l4-4 4 4M6 12H5v8h14v-8h-1',
  back: 'M14 6l-6 6 6 6',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  up: 'M6 14l6-6 6 6',
  down: 'M6 10l6 6 6-6',
  heart: 'M12 20C5 15 3 11.5 3 8.5A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 9 1.5c0 3-2 6.5-9 11.5z',
})

const filled: ReadonlySet<keyof typeof paths> = new Set(['play', 'pause'])

/** A small drawing beside or instead of a word; never alone in a control without a label. */
export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} class={filled.has(name) ? 'icon-fill' : 'icon-line'} />
    </svg>
  )
}
