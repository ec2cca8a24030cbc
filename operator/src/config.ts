import { commonVariables, optionalText, port, seconds, text, url, wholeNumber } from '@mytaek1/platform/env.ts'

/** The operator's variables. */
export const variables = {
  ADMIN_PORT: commonVariables.ADMIN_PORT,
  LOG_LEVEL: commonVariables.LOG_LEVEL,
  /** Loopback port of heap snapshots and CPU profiles; 0: none. */
  DEBUG_PORT: port(6060),
  /** The namespace whose Broadcasts and MediaPools this operator keeps. */
  NAMESPACE: text('default'),
  /** Names this process in the Lease and in Events. */
  POD_NAME: text('operator'),
  /** Absent inside a cluster: the Pod's ServiceAccount is used. */
  KUBECONFIG: optionalText(),
  /** Folder with token, ca.crt and namespace, where it is not mounted at the usual place. */
  SERVICE_ACCOUNT_FOLDER: optionalText(),
  LEASE_NAME: text('mytaek1-operator'),
  /** A killed leader is succeeded after this long; more of it rides out a slower apiserver. */
  LEASE_SECONDS: wholeNumber({ default: 3, min: 1, max: 60 }),
  /** Pod template of stream Pods, YAML. */
  STREAM_TEMPLATE_FILE: text('/etc/mytaek1/stream-pod.yaml'),
  PUBLIC_HTTP_URL: url(['http:', 'https:'], 'http://127.0.0.1:8080'),
  /** Where streams are, if they have an address of their own. */
  PUBLIC_HLS_URL: url(['http:', 'https:']).optional(),
  /** The pool `default` is made with these when the namespace has none; a buffer of 0 makes none. */
  WARM_POOL_BUFFER: wholeNumber({ default: 1, max: 10_000 }),
  WARM_POOL_MAX: wholeNumber({ default: 1_000, min: 1, max: 10_000 }),
  /** How long the Pod of an ended broadcast stays for viewers who are behind. */
  LINGER_SECONDS: seconds(30),
  /** Broadcasts worked on at the same time. */
  WORKERS: wholeNumber({ default: 16, min: 1, max: 256 }),
}
