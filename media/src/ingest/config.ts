import {
  addressBlocks,
  commonVariables,
  optionalText,
  port,
  readEnvOrExit,
  seconds,
  text,
  wholeNumber,
} from '@mytaek1/platform/env.ts'

/** The ingest gateway's variables; certificate and key together switch RTMPS on. */
export const readConfig = () =>
  readEnvOrExit({
    ...commonVariables,
    RTMP_PORT: port(1935),
    RTMPS_PORT: port(1936),
    TLS_CERT_FILE: optionalText(),
    TLS_KEY_FILE: optionalText(),
    RTMP_TRUSTED_PROXIES: addressBlocks().optional(), // load balancers that speak the PROXY protocol, and must
    RTMP_MAX_SESSIONS: wholeNumber({ default: 1_000, min: 1 }), // connections, publishing or not
    RTMP_MAX_SESSIONS_PER_ADDRESS: wholeNumber({ default: 1_000, min: 1 }), // a load balancer may hide all behind one
    RTMP_MAX_MESSAGE_BYTES: wholeNumber({ default: 8 * 1024 * 1024, min: 65_536, max: 0xffffff }),
    RTMP_IDLE_SECONDS: seconds(15),
    RTMP_DRAIN_SECONDS: seconds(60), // after SIGTERM: publishers may go on this long
    RTMP_REPLAY_BYTES: wholeNumber({ default: 16 * 1024 * 1024, min: 1024 * 1024 }), // last GOP of one publisher
    RTMP_REPLAY_TOTAL_BYTES: wholeNumber({ default: 192 * 1024 * 1024, min: 1024 * 1024 }), // of all; the Pod has 512 MiB
    KUBECONFIG: optionalText(),
    NAMESPACE: optionalText(),
    POD_NAME: text('ingest'),
    STREAM_RTMP_PORT: port(1935), // of a stream Pod
  })

export type IngestConfig = ReturnType<typeof readConfig>
