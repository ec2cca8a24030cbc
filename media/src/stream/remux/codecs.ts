/** The codecs that are packaged, each with the reader of its sequence header. */
import type { PackagedCodec } from '../../rtmp/codecs.ts'
import { parseAacConfig } from './aac.ts'
import { parseAvcConfig } from './avc.ts'
import type { AudioConfig, ConfigReader, VideoConfig } from './codec.ts'

type Readers<Config> = Readonly<Partial<Record<PackagedCodec, ConfigReader<Config>>>>

/** Video codecs. */
export const videoConfigs: Readers<VideoConfig> = Object.freeze({ 'H.264': parseAvcConfig })

/** Audio codecs. */
export const audioConfigs: Readers<AudioConfig> = Object.freeze({ AAC: parseAacConfig })
