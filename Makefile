# Every verb of the project. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
CLUSTER_TOOL := node k8s-tests/cluster/cli/main.ts
SEEDS ?= 20

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*?## "} {printf "  \033[1m%-18s\033[0m %s\n", $$1, $$2}'

node_modules: package.json package-lock.json $(wildcard services/*/package.json) operator/package.json media/package.json k8s-tests/package.json
	@command -v npm >/dev/null || { echo 'npm is missing: install Node.js 20 or newer (apt-get install nodejs npm)' >&2; exit 69; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch node_modules

# --- the platform on a real Kubernetes -------------------------------------------------------------------------------
.PHONY: up down status kubeconfig demo images
up: node_modules ## Boot the embedded Kubernetes (or CLUSTER=current), build the images, install the chart
	@$(CLUSTER_TOOL) up
down: node_modules ## Remove the embedded Kubernetes; caches stay
	@$(CLUSTER_TOOL) down
status: node_modules ## What runs, where, its addresses and its memory
	@$(CLUSTER_TOOL) status
kubeconfig: node_modules ## Print the path of the embedded cluster's kubeconfig
	@$(CLUSTER_TOOL) kubeconfig
demo: node_modules ## Go live with a test pattern as the demo seller
	@$(CLUSTER_TOOL) packages
	@$(CLUSTER_TOOL) demo
images: node_modules ## Build the application images and load them into the cluster
	@$(CLUSTER_TOOL) images

# --- checks and tests ------------------------------------------------------------------------------------------------
.PHONY: check types lint format test test-chart chart-readme test-unit test-cluster packages
check: node_modules ## Types, lint, format, unused code, chart: under two minutes
	@node k8s-tests/check.ts
types: node_modules ## Check types only
	tsc --noEmit
lint: node_modules ## Lint only
	oxlint --type-aware --deny-warnings
format: node_modules ## Format every file
	oxfmt .
test: test-chart test-unit test-cluster ## Everything: the chart, units, services, operator, then the whole on a real cluster
test-chart: node_modules ## The chart with Helm 3 and 4, held against three versions of Kubernetes
	@node k8s-tests/test-chart.ts
chart-readme: node_modules ## Write the table of values into the chart's README.md
	@node charts/mytaek1/tests/readme/write-readme.ts
	@oxfmt charts/mytaek1/README.md
packages: node_modules ## Install the Debian packages that tests need (MariaDB, Redis, ffmpeg, Chromium)
	@$(CLUSTER_TOOL) packages
test-unit: packages ## Tests beside the code, on real MariaDB, Redis, S3, ffmpeg and apiserver
	node k8s-tests/run-tests.ts services operator media charts k8s-tests
test-cluster: packages up ## Suites on the cluster, only through its doors
	node k8s-tests/run-suites.ts

.PHONY: faults-node
faults-node: packages ## A live stream while the node's apiserver, etcd, kubelet, containerd, watches and operator fail: ten minutes
	@node k8s-tests/faults-node.ts

# --- benches: each prints a table and, as its last line, one JSON object ----------------------------------------------
.PHONY: bench-packages bench-stock bench-race bench-reads bench-books bench-events bench-show bench-payments chaos-payments chaos-stock bench-operator bench-latency bench-fanout bench-rtmp chaos-live conformance-live soak-live fuzz-api lighthouse load
bench-packages: node_modules
	@$(CLUSTER_TOOL) packages benches
bench-stock: packages ## Durable orders a second on one hot product, beside the plain ways
	@node services/commerce/bench/stock.ts
bench-race: packages ## 10,000 buyers for 1,000 units over HTTP
	@node services/commerce/bench/race.ts
bench-reads: packages ## 5,000 viewers open one show in five seconds: queries of the database, and times
	@node services/commerce/bench/reads.ts
bench-books: packages ## The minute's check of the books over 1,000,000 orders
	@node services/commerce/bench/books.ts
bench-events: packages ## From a commit to another viewer's stock event
	@node services/commerce/bench/events.ts
bench-show: packages ## MINUTES=10 of a show: 2,000 viewers, 300 messages, 50 hearts and 20 orders a second
	@node services/commerce/bench/show.ts
bench-payments: packages ## PAYMENTS=10000 completed a second by both services, beside one INSERT a commit
	@node k8s-tests/payments/bench.ts
chaos-payments: packages ## PAYMENTS=20000 over SEEDS=10 while the network fails and everything is killed; and without each guard
	@SEEDS=$(if $(filter file,$(origin SEEDS)),10,$(SEEDS)) node k8s-tests/payments/chaos.ts
chaos-stock: packages ## Races under faults, SEEDS=20 of them; and what happens without each guard
	@SEEDS=$(SEEDS) node services/commerce/bench/chaos-stock.ts
fuzz-api: packages ## REQUESTS=20000 made from the OpenAPI documents: no 5xx, no answer that they do not describe
	@node k8s-tests/fuzz/fuzz-api.ts
bench-operator: node_modules ## Claims, starts, writes, failover on a real apiserver
	@node operator/bench/operator.ts
bench-latency: bench-packages ## From the encoder to the picture, and what the server adds
	@node media/bench/latency.ts
lighthouse: packages ## A phone opens home and a live show: Lighthouse's scores, and INP and layout shift while a show runs
	@node k8s-tests/lighthouse.ts
load: node_modules ## JMeter's shoppers and viewers on the cluster (SERVERS=2 SHOPPERS=20 VIEWERS=40 SECONDS=60), beside our own
	@$(CLUSTER_TOOL) packages load
	@node k8s-tests/load/main.ts
bench-fanout: bench-packages ## How many viewers one edge process serves
	@node media/bench/fanout.ts
bench-rtmp: packages ## Mutated RTMP and playlist directives: nothing crashes, memory stays flat
	@node --expose-gc --max-semi-space-size=8 media/bench/rtmp-robustness.ts
chaos-live: packages ## What viewers notice of CUTS=100 network cuts, and of killed processes and Pods
	@node media/bench/chaos-live.ts
conformance-live: packages ## SECONDS=300 of playlists against the LL-HLS draft, with a ladder and network cuts
	@node media/bench/conformance-live.ts
soak-live: packages ## MINUTES=30 of three streams and 200 viewers: memory, descriptors, A/V drift, viewer count
	@node media/bench/soak-live.ts
