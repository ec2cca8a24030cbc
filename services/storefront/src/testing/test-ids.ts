/** The `data-testid`s of this site, stable for tests that drive it in a browser. */
export const testIds = Object.freeze({
  // every page
  languageToggle: 'language-toggle',
  accountName: 'account-name',
  passwordForm: 'password-form',
  currentPassword: 'current-password',
  newPassword: 'new-password',
  deletionPassword: 'deletion-password',
  sessionList: 'session-list',
  followed: (sellerId: string) => `followed-${sellerId}`,
  signOut: 'sign-out',
  // sign-up, sign-in
  signUpForm: 'sign-up-form',
  signInForm: 'sign-in-form',
  displayName: 'display-name',
  email: 'email',
  password: 'password',
  submit: 'submit',
  forgotPassword: 'forgot-password',
  forgotForm: 'forgot-form',
  resetForm: 'reset-form',
  mailNote: 'mail-note', // data-state: sent, done, ended
  sendVerification: 'send-verification',
  formError: 'form-error',
  // list
  broadcastCard: (broadcastId: string) => `broadcast-${broadcastId}`,
  // watch: picture
  video: 'video',
  stage: 'stage',
  stageMessage: 'stage-message', // has data-state: waiting, reconnecting, interrupted, ended, failed
  share: 'share',
  heart: 'heart', // data-hearts
  follow: 'follow', // aria-pressed
  retryPlaying: 'retry-playing',
  unmute: 'unmute',
  qualityMenu: 'quality-menu', // the button; data-quality = the rendition on screen
  qualityOption: (name: string) => `quality-option-${name}`, // "auto" or a rendition's name: "source", "480p"
  latency: 'latency', // data-seconds
  backToLive: 'back-to-live',
  seekBar: 'seek-bar', // a range from minus the window's length to 0, in seconds behind live
  viewers: 'viewers',
  broadcastState: 'broadcast-state', // data-state
  // watch: shop
  openProducts: 'open-products',
  pinnedProduct: 'pinned-product', // data-product-id
  productCard: (productId: string) => `product-${productId}`,
  stock: (productId: string) => `stock-${productId}`, // data-stock
  buy: (productId: string) => `buy-${productId}`,
  // checkout
  checkout: 'checkout', // data-step
  optionValue: (option: number, value: string) => `option-${option}-${value}`,
  quantity: 'quantity',
  quantityMore: 'quantity-more',
  quantityLess: 'quantity-less',
  placeOrder: 'place-order',
  countdown: 'reservation-countdown', // data-seconds
  cardNumber: 'card-number',
  cardExpiry: 'card-expiry',
  cardCvc: 'card-cvc',
  pay: 'pay',
  payMethod: (method: string) => `pay-method-${method}`,
  deposit: 'deposit',
  depositAccount: 'deposit-account',
  refundAccount: 'refund-account',
  refundAccountNumber: 'refund-account-number',
  refundAccountHolder: 'refund-account-holder',
  orderState: 'order-state', // data-state: RESERVED, PAID, RELEASED, REFUNDED, SOLD_OUT; data-order-id
  checkoutError: 'checkout-error',
  closeCheckout: 'close-checkout',
  checkoutNews: 'checkout-news', // what a screen reader is told of the step
  heldOrder: 'held-order', // data-order-id
  waiting: 'waiting', // data-position
  joinList: 'join-list',
  leaveList: 'leave-list',
  offeredUnit: 'offered-unit',
  offerNote: 'offer-note',
  // chat
  chatLog: 'chat-log',
  chatInput: 'chat-input',
  chatSend: 'chat-send',
  chatSignIn: 'chat-sign-in',
  chatPause: 'chat-pause',
  chatNew: 'chat-new', // what came while the reader was further up
  chatMessage: (chatId: string) => `chat-message-${chatId}`,
  chatNotice: 'chat-notice',
  chatKeep: 'chat-keep',
  messageMenu: 'message-menu',
  messageDeed: (deed: string) => `message-${deed}`, // reply, report-<reason>, delete, pin, mute, muteHour, muteForGood, shadow, ban, name, dismiss
  // orders
  orderRow: (orderId: string) => `order-${orderId}`, // data-state
  cancelOrder: (orderId: string) => `cancel-${orderId}`,
  payOrder: (orderId: string) => `pay-${orderId}`,
  paymentNote: (orderId: string) => `payment-of-${orderId}`, // data-state: the payment's
  openReceipt: (orderId: string) => `receipt-of-${orderId}`,
  receipt: 'receipt',
  sale: (paymentId: string) => `sale-${paymentId}`, // data-state
  refundSale: 'refund-sale',
  barredBuyer: (accountId: string) => `barred-${accountId}`,
  barOrder: 'bar-order',
  barOrderFind: 'bar-order-find',
  barBuyer: 'bar-buyer',
  barChatName: 'bar-chat-name',
  barChatter: (accountId: string) => `bar-chatter-${accountId}`,
  statement: 'statement',
  coupons: 'coupons',
  couponChoice: 'coupon-choice',
  couponCode: 'coupon-code',
  couponApply: 'coupon-apply',
  couponForm: 'coupon-form',
  couponField: (name: string) => `coupon-${name}`,
  coupon: (id: string) => `coupon-row-${id}`,
  shippingForm: 'shipping-form',
  shippingField: (name: string) => `shipping-${name}`,
  shippingRule: 'shipping-rule',
  sumRows: 'sum-rows',
  claimShipping: (id: string) => `claim-shipping-${id}`,
  businessForm: 'business-form',
  businessField: (name: string) => `business-${name}`,
  receiptSeller: 'receipt-seller',
  // addresses
  addressBook: 'address-book',
  addressAdd: 'address-add',
  addressForm: 'address-form',
  address: (field: string) => `address-${field}`, // recipient, phone, country, postalCode, roadAddress, detail, memo
  addressSave: 'address-save',
  chooseAddress: (addressId: string) => `choose-address-${addressId}`,
  deliverTo: 'deliver-to',
  deliverElsewhere: 'deliver-elsewhere',
  // the way of an order, at its buyer's
  orderWay: (orderId: string) => `way-of-${orderId}`, // data-state: PAID, PREPARING, SHIPPED, DELIVERED, …
  orderDeed: (deed: 'cancel' | 'return' | 'address', orderId: string) => `ask-${deed}-${orderId}`,
  confirmOrder: (orderId: string) => `confirm-${orderId}`,
  claimForm: 'claim-form',
  claimUnits: (productId: string) => `claim-units-${productId}`,
  claimReason: 'claim-reason',
  claimSend: 'claim-send',
  claim: (claimId: string) => `claim-${claimId}`, // data-state
  claimRefund: (claimId: string) => `claim-refund-${claimId}`, // data-state
  // the seller's desk for orders
  deskFilter: (filter: string) => `desk-filter-${filter}`,
  deskSearch: 'desk-search',
  deskFile: (kind: 'labels' | 'pack-list') => `desk-file-${kind}`,
  salesFile: 'sales-file',
  salesFileSave: 'sales-file-save',
  deskSale: (orderId: string) => `desk-sale-${orderId}`, // data-state, data-late
  saleAddress: (orderId: string) => `sale-address-${orderId}`,
  saleDeed: (deed: string, orderId: string) => `sale-${deed}-${orderId}`, // prepare, ship, deliver, cancel, history
  saleHistory: (orderId: string) => `sale-history-${orderId}`,
  carrier: 'carrier',
  trackingNumber: 'tracking-number',
  shipSend: 'ship-send',
  cancelReason: 'cancel-reason',
  cancelSend: 'cancel-send',
  claimDeed: (deed: 'collect' | 'complete' | 'reject', claimId: string) => `claim-${deed}-${claimId}`,
  claimRestock: (claimId: string) => `claim-restock-${claimId}`,
  claimAnswer: 'claim-answer',
  bulkShip: 'bulk-ship',
  bulkLines: 'bulk-lines',
  bulkSend: 'bulk-send',
  bulkRefused: (line: number) => `bulk-refused-${line}`, // data-code
  productShipping: 'product-shipping', // checkbox
  // admin
  adminReload: 'admin-reload',
  adminAudit: 'admin-audit',
  stuckPayment: (paymentId: string) => `stuck-${paymentId}`, // data-state
  returnedMoney: (paymentId: string) => `returned-${paymentId}`,
  stuckRefund: (refundId: string) => `stuck-${refundId}`, // data-state
  gatewayWord: 'gateway-word', // data-state
  adminAsk: 'admin-ask',
  adminRetry: 'admin-retry',
  adminRetryAll: 'admin-retry-all',
  adminRefund: 'admin-refund',
  settlementDifferences: 'settlement-differences',
  // studio
  streamKey: 'stream-key',
  copyStreamKey: 'copy-stream-key',
  rotateStreamKey: 'rotate-stream-key',
  confirm: 'confirm',
  rtmpUrl: 'rtmp-url',
  productForm: 'product-form',
  productName: 'product-name',
  productDescription: 'product-description',
  productPrice: 'product-price',
  productStock: 'product-stock',
  variantEditor: 'variant-editor',
  optionAdd: 'option-add',
  optionName: (index: number) => `option-name-${index}`,
  optionValues: (index: number) => `option-values-${index}`,
  variantSold: (index: number) => `variant-sold-${index}`,
  variantCell: (index: number, field: 'stock' | 'price' | 'sku') => `variant-${field}-${index}`,
  // pages of products and sellers
  productTile: (productId: string) => `tile-${productId}`,
  productPage: 'product-page',
  productSeller: 'product-seller',
  sellerPage: 'seller-page',
  galleryPicture: 'gallery-picture', // data-picture
  galleryChoice: (place: number) => `gallery-choice-${place}`, // from 1
  searchForm: 'search-form',
  searchInput: 'search-input',
  searchCategory: 'search-category',
  searchSort: 'search-sort',
  foundNews: 'found-news',
  foundMore: 'found-more',
  productImage: 'product-image',
  productCategory: 'product-category',
  productDraft: 'product-draft', // checkbox
  productFiles: 'product-files',
  productFileSave: 'product-file-save',
  productFile: 'product-file',
  importOutcome: 'import-outcome', // data-over
  importLine: (line: number) => `import-line-${line}`, // data-deed
  importApply: 'import-apply',
  copyProduct: (productId: string) => `copy-${productId}`,
  pictureRows: 'picture-rows',
  pictureAlt: (place: number) => `picture-alt-${place}`, // from 1
  addPictures: 'add-pictures', // input
  studioProduct: (productId: string) => `studio-product-${productId}`,
  editProduct: (productId: string) => `edit-${productId}`,
  broadcastForm: 'broadcast-form',
  broadcastTitle: 'broadcast-title',
  broadcastImage: 'broadcast-image',
  broadcastRecording: 'broadcast-recording', // checkbox
  broadcastRehearsal: 'broadcast-rehearsal', // checkbox
  rehearsal: (id: string) => `rehearsal-${id}`, // at the desk and in the list of the seller's shows
  broadcastSchedule: 'broadcast-schedule',
  broadcastProduct: (productId: string) => `broadcast-product-${productId}`, // checkbox
  studioBroadcast: (broadcastId: string) => `studio-broadcast-${broadcastId}`, // data-state
  openBroadcast: 'open-broadcast',
  endBroadcast: 'end-broadcast',
  refusal: 'refusal',
  encoderAdvice: 'encoder-advice', // data-code
  chatFreeze: 'chat-freeze',
  chatSlow: 'chat-slow',
  chatAnnouncement: 'chat-announcement',
  chatAnnounce: 'chat-announce',
  chatTakeDown: 'chat-take-down',
  cannedAnswer: (index: number) => `canned-answer-${index}`,
  answerTitle: (index: number) => `answer-title-${index}`,
  answerText: (index: number) => `answer-text-${index}`,
  answerRemove: (index: number) => `answer-remove-${index}`,
  answerAdd: 'answer-add',
  answersSave: 'answers-save',
  moderator: (accountId: string) => `moderator-${accountId}`,
  moderatorInvite: (id: string) => `moderator-invite-${id}`,
  moderatorWho: 'moderator-who',
  moderatorAdd: 'moderator-add',
  moderated: (sellerId: string) => `moderated-${sellerId}`,
  chatReport: (reportId: string) => `chat-report-${reportId}`,
  chatReportDecision: (decision: 'removed' | 'kept', reportId: string) => `chat-report-${decision}-${reportId}`,
  openReport: (broadcastId: string) => `report-of-${broadcastId}`,
  showReport: 'show-report',
  chatFile: 'chat-file',
  bannedWords: 'banned-words',
  linksByStaff: 'links-by-staff', // checkbox
  saveChatRules: 'save-chat-rules',
  restricted: (accountId: string) => `restricted-${accountId}`, // data-kind
  chatActs: 'chat-acts',
  trayUp: (productId: string) => `tray-up-${productId}`,
  trayDown: (productId: string) => `tray-down-${productId}`,
  trayHide: (productId: string) => `tray-hide-${productId}`, // aria-pressed
  trayAdd: 'tray-add',
  trayAddSend: 'tray-add-send',
  pin: (productId: string) => `pin-${productId}`,
  deal: (productId: string) => `deal-${productId}`, // data-remaining, data-seconds
  dealForm: 'deal-form',
  dealField: (name: 'product' | 'off' | 'units' | 'perBuyer' | 'seconds') => `deal-${name}`,
  dealStart: 'deal-start',
  dealRow: (dealId: string) => `deal-row-${dealId}`, // data-sold, data-running
  dealEnd: (dealId: string) => `deal-end-${dealId}`,
})
