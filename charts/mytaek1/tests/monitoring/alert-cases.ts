/**
 * For each alert what makes it fire, and the nearest that does not: series a minute apart, as promtool writes them (`0+60x20`
 * grows by 60 twenty times, `1x20` stays). `NS` is the namespace; `labels` are those that the alert has beside its own.
 */
export type AlertCase = {
  bad: Readonly<Record<string, string>>
  good: Readonly<Record<string, string>>
  /** Minutes after which it is looked at; 40 where nothing is said. */
  at?: number
  labels?: Readonly<Record<string, string>>
}

const up = (service: string) => `process_start_time_seconds{NS,service="${service}"}`
const everyService = ['commerce', 'payment', 'storefront', 'operator', 'ingest', 'edge']
const seen = (...services: string[]) => Object.fromEntries(services.map((service) => [up(service), '1x100']))
/** A gauge over and at its bound. */
const gauge = (series: string, over: number, bound: number): Pick<AlertCase, 'bad' | 'good'> => ({
  bad: { [series]: `${over}x100` },
  good: { [series]: `${bound}x100` },
})
/** A histogram whose observations all are in one bucket: over the bound and under it. */
const histogram = (name: string, labels: string, over: string, under: string): Pick<AlertCase, 'bad' | 'good'> => {
  const bucket = (le: string) => `${name}_bucket{NS${labels},le="${le}"}`
  return {
    bad: { [bucket(under)]: '0x100', [bucket(over)]: '0+60x100', [bucket('+Inf')]: '0+60x100' },
    good: { [bucket(under)]: '0+60x100', [bucket(over)]: '0+60x100', [bucket('+Inf')]: '0+60x100' },
  }
}
/** Two counters whose shares of the whole are over and under a bound. */
const share = (part: string, whole: string, over: number, under: number): Pick<AlertCase, 'bad' | 'good'> => ({
  bad: { [part]: `0+${over}x100`, [whole]: `0+${100 - over}x100` },
  good: { [part]: `0+${under}x100`, [whole]: `0+${100 - under}x100` },
})

/** By alert. */
export const alertCases: Readonly<Record<string, AlertCase>> = {
  // processes
  ProcessDown: {
    bad: { 'up{NS,pod="a",app_kubernetes_io_component="edge"}': '0x100' },
    good: { 'up{NS,pod="a",app_kubernetes_io_component="edge"}': '1x100', 'up{NS,pod="of-others"}': '0x100' },
    labels: { namespace: 'default', pod: 'a', app_kubernetes_io_component: 'edge' },
  },
  MetricsAbsent: {
    bad: seen(...everyService.filter((service) => service !== 'payment')),
    good: seen(...everyService),
    labels: { namespace: 'default', service: 'payment' },
  },
  ProcessRestarts: {
    bad: { [up('edge')]: '1x10 2x5 3x5 4x40' },
    good: { [up('edge')]: '1x10 2x5 3x45' },
    at: 30,
    labels: { namespace: 'default', service: 'edge' },
  },
  EventLoopLags: {
    ...gauge('nodejs_eventloop_lag_p99_seconds{NS,pod="a",service="edge"}', 0.6, 0.5),
    labels: { pod: 'a', service: 'edge' },
  },
  DescriptorsRunOut: {
    bad: {
      'process_open_fds{NS,pod="a",service="edge"}': '900x100',
      'process_max_fds{NS,pod="a",service="edge"}': '1000x100',
    },
    good: {
      'process_open_fds{NS,pod="a",service="edge"}': '800x100',
      'process_max_fds{NS,pod="a",service="edge"}': '1000x100',
    },
    labels: { pod: 'a', service: 'edge' },
  },
  // shop
  BooksFault: gauge('inventory_books_faults{NS,pod="a"}', 1, -1),
  ApiErrors: {
    ...share(
      'http_request_duration_seconds_count{NS,service="commerce",status="5xx"}',
      'http_request_duration_seconds_count{NS,service="commerce",status="2xx"}',
      6,
      4,
    ),
    labels: { service: 'commerce' },
  },
  ApiSlow: {
    ...histogram('http_request_duration_seconds', ',service="payment"', '5', '1'),
    labels: { service: 'payment' },
  },
  OrdersWait: gauge('inventory_orders_waiting{NS,pod="a"}', 5001, 5000),
  ReservationsRunOut: {
    bad: {
      'inventory_orders_expired_total{NS}': '0+60x100',
      'inventory_orders_total{NS,outcome="reserved"}': '0+100x100',
    },
    good: {
      'inventory_orders_expired_total{NS}': '0+40x100',
      'inventory_orders_total{NS,outcome="reserved"}': '0+100x100',
    },
    at: 80,
  },
  PagesFail: share(
    'storefront_page_faults_total{NS,page="watch",kind="error",source="own"}',
    'storefront_visits_total{NS,page="watch"}',
    3,
    1,
  ),
  PicturesStall: share('storefront_stall_seconds_sum{NS}', 'storefront_played_seconds_total{NS}', 3, 1),
  FirstPictureLate: histogram('storefront_first_picture_seconds', ',begun="load"', '5', '3'),
  BroadcastsBehind: gauge('commerce_object_syncs_waiting{NS,pod="a"}', 51, 50),
  // streams
  EncodersWaitForPods: histogram('ingest_attach_seconds', '', '16', '8'),
  EdgeSheds: {
    bad: { 'edge_shed_total{NS,reason="held"}': '0+90x100' },
    good: { 'edge_shed_total{NS,reason="held"}': '0+30x100' },
    labels: { reason: 'held' },
  },
  EdgeErrors: share(
    'edge_requests_total{NS,kind="media",status="5xx"}',
    'edge_requests_total{NS,kind="media",status="2xx"}',
    3,
    1,
  ),
  StreamPodsDoNotAnswer: share(
    'edge_upstream_requests_total{NS,kind="media",status="0"}',
    'edge_upstream_requests_total{NS,kind="media",status="200"}',
    6,
    4,
  ),
  EncodersOfRungsFail: {
    bad: { 'media_transcoder_restarts_total{NS,pod="a"}': '0+1x100' },
    good: { 'media_transcoder_restarts_total{NS,pod="a"}': '0x20 2x100' },
    labels: { pod: 'a' },
  },
  SourceDropsPictures: {
    bad: { 'media_source_dropped_frames_total{NS,pod="a"}': '0+120x100' },
    good: { 'media_source_dropped_frames_total{NS,pod="a"}': '0+30x100' },
    labels: { pod: 'a' },
  },
  RecordingWaits: { ...gauge('media_recording_segments_waiting{NS,pod="a"}', 61, 60), labels: { pod: 'a' } },
  RecordingLosesSegments: {
    bad: { 'media_recording_segments_lost_total{NS,pod="a"}': '0x30 1x30' },
    good: { 'media_recording_segments_lost_total{NS,pod="a"}': '0x10 1x50' },
    labels: { pod: 'a' },
  },
  // operator
  OperatorLeaderless: {
    bad: { 'leader_election_master_status{NS,pod="a"}': '0x100', 'leader_election_master_status{NS,pod="b"}': '0x100' },
    good: {
      'leader_election_master_status{NS,pod="a"}': '1x100',
      'leader_election_master_status{NS,pod="b"}': '0x100',
    },
  },
  OperatorTwoLeaders: {
    bad: { 'leader_election_master_status{NS,pod="a"}': '1x100', 'leader_election_master_status{NS,pod="b"}': '1x100' },
    good: {
      'leader_election_master_status{NS,pod="a"}': '1x100',
      'leader_election_master_status{NS,pod="b"}': '0x100',
    },
  },
  ReconcileErrors: {
    bad: {
      'controller_runtime_reconcile_errors_total{NS,controller="broadcast"}': '0+30x100',
      'controller_runtime_reconcile_total{NS,controller="broadcast",result="error"}': '0+100x100',
    },
    good: {
      'controller_runtime_reconcile_errors_total{NS,controller="broadcast"}': '0+10x100',
      'controller_runtime_reconcile_total{NS,controller="broadcast",result="error"}': '0+100x100',
    },
    labels: { controller: 'broadcast' },
  },
  ReconcilePanics: {
    bad: { 'controller_runtime_reconcile_panics_total{NS,controller="broadcast"}': '0x30 1x30' },
    good: { 'controller_runtime_reconcile_panics_total{NS,controller="broadcast"}': '0x100' },
    labels: { controller: 'broadcast' },
  },
  ReconcileStuck: {
    ...gauge('workqueue_longest_running_processor_seconds{NS,name="broadcast"}', 61, 60),
    labels: { name: 'broadcast' },
  },
  WorkqueueGrows: { ...gauge('workqueue_depth{NS,name="broadcast"}', 501, 500), labels: { name: 'broadcast' } },
  WarmPoolEmpty: { ...gauge('warm_pool_size{NS,pool="default"}', 0, 1), labels: { pool: 'default' } },
  BroadcastsStartSlowly: histogram('broadcast_ready_seconds', '', '30', '10'),
  AdoptionConflicts: {
    bad: { 'adoption_conflicts_total{NS}': '0+90x100' },
    good: { 'adoption_conflicts_total{NS}': '0+30x100' },
  },
  // stores
  DatabaseSlow: histogram('inventory_batch_seconds', '', '1', '0.25'),
  DatabaseConnectionsBreak: {
    bad: { 'inventory_batch_retries_total{NS,reason="connection"}': '0+12x100' },
    good: {
      'inventory_batch_retries_total{NS,reason="connection"}': '0+3x100',
      'inventory_batch_retries_total{NS,reason="contention"}': '0+12x100',
    },
  },
  DatabaseContention: {
    bad: { 'inventory_batch_retries_total{NS,reason="contention"}': '0+360x100' },
    good: { 'inventory_batch_retries_total{NS,reason="contention"}': '0+240x100' },
  },
  LocksFail: share('inventory_locks_total{NS,result="unreachable"}', 'inventory_locks_total{NS,result="held"}', 60, 40),
  // payments
  PaymentUnknownTooLong: gauge('payment_oldest_unknown_seconds{NS,pod="a"}', 901, 900),
  PaymentSetAside: gauge('payment_set_aside{NS,pod="a",what="refunds"}', 1, 0),
  PaymentOwedTooLong: gauge('payment_oldest_owed_seconds{NS,pod="a"}', 86_401, 86_400),
  PaymentUnclaimedTooLong: gauge('payment_oldest_unclaimed_seconds{NS,pod="a"}', 121, 120),
  PaymentGatewayFailing: {
    ...share(
      'payment_gateway_seconds_count{NS,gateway="toss",outcome="UNCLEAR"}',
      'payment_gateway_seconds_count{NS,gateway="toss",outcome="PAID"}',
      25,
      15,
    ),
    labels: { gateway: 'toss' },
  },
  PaymentGatewaySlow: {
    ...histogram('payment_gateway_seconds', ',gateway="toss",verb="approve"', '30', '10'),
    labels: { gateway: 'toss', verb: 'approve' },
  },
  PaymentDeclinesHigh: {
    bad: {
      'payment_declines_total{NS,gateway="toss"}': '0+60x100',
      'payment_gateway_seconds_count{NS,gateway="toss",verb="approve"}': '0+100x100',
    },
    good: {
      'payment_declines_total{NS,gateway="toss"}': '0+40x100',
      'payment_gateway_seconds_count{NS,gateway="toss",verb="approve"}': '0+100x100',
    },
    labels: { gateway: 'toss' },
  },
  PaymentEventsLate: gauge('payment_outbox_age_seconds{NS,pod="a"}', 61, 60),
  PaymentEventsSetAside: gauge('commerce_outbox_set_aside{NS,pod="a"}', 1, 0),
  PaymentLedgerFault: gauge('payment_ledger_faults{NS,pod="a"}', 1, 0),
  PaymentSettlementDiffers: gauge('payment_settlement_differences{NS,pod="a"}', 1, 0),
  PaymentSettlementBehind: {
    ...gauge('payment_settlement_behind_days{NS,gateway="toss"}', 2, 1),
    at: 90,
    labels: { gateway: 'toss' },
  },
  PaymentRefundOverdue: gauge('payment_refunds_overdue{NS,pod="a"}', 1, 0),
  PaymentRefundSlow: gauge('payment_oldest_refund_seconds{NS,pod="a"}', 3601, 3600),
  MailLate: gauge('commerce_mail_age_seconds{NS,pod="a"}', 901, 900),
  MailSetAside: gauge('commerce_mail_set_aside{NS,pod="a"}', 1, 0),
}
