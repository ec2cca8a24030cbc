import {
  commonVariables,
  optionalS3Variables,
  optionalText,
  port,
  readEnvOrExit,
  s3Misfits,
  seconds,
  secret,
  text,
  urlList,
  wholeNumber,
} from '@mytaek1/platform/env.ts'

const mebibyte = 1024 * 1024

/** The edge's variables. */
export const readConfig = () =>
  readEnvOrExit(
    {
      ...commonVariables,
      REDIS_URLS: urlList(['redis:', 'rediss:']),
      VIEWER_COOKIE_SECRET: secret().optional(), // all edge Pods share it; absent: SERVICE_TOKEN
      SERVICE_TOKEN: secret(),
      KUBECONFIG: optionalText(),
      NAMESPACE: optionalText(),
      POD_NAME: text('edge'),
      STREAM_HTTP_PORT: port(8080), // of a stream Pod
      ...optionalS3Variables, // where recordings are; absent: none are served
      EDGE_CACHE_BYTES: wholeNumber({ default: 256 * mebibyte, min: mebibyte }),
      EDGE_RECORDING_CACHE_BYTES: wholeNumber({ default: 64 * mebibyte, min: mebibyte }),
      EDGE_FETCH_BYTES: wholeNumber({ default: 128 * mebibyte, min: 16 * mebibyte }), // on their way from Pods
      EDGE_RECORDING_FETCH_BYTES: wholeNumber({ default: 64 * mebibyte, min: 16 * mebibyte }),
      EDGE_VIEWERS_PER_BLOCK: wholeNumber({ default: 256, min: 1 }), // of one broadcast, in an IPv4 /24 or an IPv6 /64
      EDGE_DOOR_LOG_PORT: port(0), // UDP, where doors tell whom they answered; 0: there are none
      EDGE_TRUSTED_PROXIES: optionalText(), // a CDN's blocks of addresses, separated by commas
      EDGE_MAX_CONNECTIONS: wholeNumber({ default: 20_000, min: 1 }),
      EDGE_MAX_HELD: wholeNumber({ default: 15_000, min: 1 }), // requests waiting for something not there yet
      EDGE_BACKLOG_BYTES: wholeNumber({ default: 128 * mebibyte, min: mebibyte }), // kept for slow readers
      EDGE_HOLD_SECONDS: seconds(10), // for a Pod that is being replaced, or says nothing; a healthy one holds for 6
      EDGE_DRAIN_SECONDS: seconds(20),
    },
    s3Misfits,
  )
