import { fill } from '../i18n/locale.ts'
import { locale } from '../i18n/translate.ts'

/** Texts of what to change about an encoder: they come with the desk, for what everybody loads has a limit. */
const en = {
  farApart: 'Key frames every {seconds} s: set {set}.',
  noKeyFrame: 'No key frames: viewers see no picture. Set the key-frame interval to {set} s.',
  notIdr: 'Key frames that players cannot begin with: switch intra refresh and open GOP off, set {set} s.',
  soundNotTaken:
    'Viewers do not hear your sound: the broadcast began without. End it and begin a new one with the microphone on.',
  pictureNotTaken:
    'Viewers do not see your picture: the broadcast began without. End it and begin a new one with the camera on.',
  tracksStay: 'Whether there is sound and picture is settled when a broadcast begins.',
  x264: 'x264 options: leave out intra-refresh=1 and open-gop=1. Phones: “intra refresh” off.',
  why: 'With a long interval, whoever joins waits longer for the first picture.',
  obs: 'OBS: Settings → Output → Output Mode “Advanced” → Streaming → Keyframe Interval {set} s (0 is auto). It takes effect when you stop and start streaming.',
}

const ko: Readonly<Record<keyof typeof en, string>> = {
  farApart: '키프레임이 {seconds}초마다 옵니다. {set}초로 설정해 주세요.',
  noKeyFrame: '키프레임이 오지 않아 시청자가 영상을 볼 수 없습니다. 키프레임 간격을 {set}초로 설정해 주세요.',
  notIdr:
    '시청자가 시작할 수 없는 키프레임이 옵니다. 인트라 리프레시와 오픈 GOP를 끄고 간격을 {set}초로 설정해 주세요.',
  soundNotTaken:
    '소리 없이 시작한 방송이라 시청자에게 소리가 들리지 않습니다. 종료하고 마이크를 켠 뒤 새로 시작해 주세요.',
  pictureNotTaken:
    '영상 없이 시작한 방송이라 시청자에게 영상이 보이지 않습니다. 종료하고 카메라를 켠 뒤 새로 시작해 주세요.',
  tracksStay: '소리와 영상이 있는지는 방송이 시작될 때 정해집니다.',
  x264: 'x264 옵션: intra-refresh=1과 open-gop=1을 빼 주세요. 휴대폰 앱: “인트라 리프레시” 끄기.',
  why: '키프레임 간격이 길면 들어온 시청자의 첫 화면이 늦어집니다.',
  obs: 'OBS: 설정 → 출력 → 출력 방식 “고급” → 방송 → 키프레임 간격 {set}초 (0은 자동). 방송을 멈췄다가 다시 시작하면 적용됩니다.',
}

/** A text about an encoder in the visitor's language. */
export const encoderText = (key: keyof typeof en, values: Readonly<Record<string, string | number>> = {}): string =>
  fill((locale.value === 'ko' ? ko : en)[key], values)
