/** The stream Pod's variables. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encoderPresets, type RungSpec } from '@mytaek1/contracts/broadcast-resource.ts'
import {
  commonVariables,
  optionalS3Variables,
  optionalText,
  port,
  readEnvOrExit,
  s3Misfits,
  seconds,
  text,
  wholeNumber,
} from '@mytaek1/platform/env.ts'
import { z } from 'zod'
import { transcoderDirectory } from '../transcoder/config.ts'

/** `480:1200000,360:600000`: lines and bits per second of each rung; `none` transcodes nothing. */
const ladder = () =>
  z
    .string()
    .regex(/^(none|\d{3,4}:\d{5,8}(,\d{3,4}:\d{5,8}){0,5})$/, 'must look like 480:1200000,360:600000, or be "none"')
    .transform((value): RungSpec[] =>
      value === 'none'
        ? []
        : value.split(',').map((rung) => {
            const [height, bitrateBps] = rung.split(':').map(Number)
            return { height: height ?? 0, bitrateBps: bitrateBps ?? 0 }
          }),
    )
    .optional()

/** With STREAM_KEY_SHA256 the assignment comes from the environment (benches, tests); else from the Broadcast that names POD_NAME. */
export const streamVariables = {
  ...commonVariables,
  RTMP_PORT: port(1935),
  POD_NAME: text('stream'),
  POD_IP: optionalText(),
  /** Owns the Lease of the Pod's heartbeat. */
  POD_UID: optionalText(),
  NAMESPACE: text('default'),
  DATA_DIR: text(join(tmpdir(), 'mytaek1-stream')),
  /** Where the transcoder is met, the process in whose container ffmpeg runs. */
  TRANSCODER_DIR: transcoderDirectory().default('/run/transcoder'),
  LADDER: ladder(),
  ENCODER_PRESET: z.enum(encoderPresets).default('veryfast'),
  THUMBNAIL_SECONDS: seconds(10),
  STREAM_KEY_SHA256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
    .optional(),
  STREAM_LATENCY: z.enum(['Low', 'Ultra']).default('Low'),
  DVR_WINDOW_SECONDS: wholeNumber({ default: 600, min: 12, max: 86_400 }),
  /** What all renditions may keep together, in playlists and after; the chart leaves a quarter of the disk to spare. */
  DVR_MAX_BYTES: wholeNumber({ default: 3 * 1024 ** 3, min: 1 }),
  /** How long a Pod that has to leave serves on while no other Pod has its broadcast. */
  STREAM_DRAIN_SECONDS: seconds(25),
  KUBECONFIG: optionalText(),
  /** Where recordings go; absent: nothing is recorded. */
  ...optionalS3Variables,
}

/** Reads the environment, or ends the process naming every bad variable. */
export function readStreamConfig() {
  return readEnvOrExit(streamVariables, s3Misfits)
}

export type StreamConfig = ReturnType<typeof readStreamConfig>
