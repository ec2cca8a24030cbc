import { addressBlocks, flag, optionalText, readEnvOrExit, seconds, url } from '@mytaek1/platform/env.ts'

/** The release test's variables: doors of the release, as they are from inside the cluster, and nothing secret. */
export const readConfig = () =>
  readEnvOrExit({
    PAGES_URL: url(['http:', 'https:']),
    COMMERCE_URL: url(['http:', 'https:']),
    PAYMENT_URL: url(['http:', 'https:']),
    EDGE_URL: url(['http:', 'https:']),
    RTMP_URL: url(['rtmp:']), // with the application: rtmp://host:1935/live
    LIVE_SHOW: flag(true), // off: the doors are asked, nothing is made
    SIMULATED_CURRENCY: optionalText(), // of the simulated card network, where that is what an order is paid with; absent: none is paid
    TEST_SECONDS: seconds(180),
    CLEANUP_SECONDS: seconds(60),
    POD_IP: optionalText(),
    RTMP_TRUSTED_PROXIES: addressBlocks().optional(), // ingest's: who comes from there has to speak the PROXY protocol
  })

export type ReleaseTestConfig = ReturnType<typeof readConfig>
