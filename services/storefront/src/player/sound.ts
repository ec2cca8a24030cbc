const storageKey = 'mytaek1.sound'

/** Whether this viewer last wanted to hear: asked for again in the next show, where the browser lets it begin with sound. */
export const wantsSound = (): boolean => localStorage.getItem(storageKey) === 'on'

/** Turns the sound on or off, as the viewer says, and remembers it. */
export function setSound(video: HTMLVideoElement, on: boolean): void {
  video.muted = !on
  localStorage.setItem(storageKey, on ? 'on' : 'off')
}
