#!/bin/sh
# Chromium behind everything else that wants the CPU. Playwright starts it in a session of its own, and where Linux
# schedules sessions as groups (sched(7), "The autogroup feature") a process's niceness counts inside its session alone:
# so the session yields as well.
{ echo 19 >"/proc/$$/autogroup"; } 2>/dev/null || true # no such file: no such groups
exec nice -n 19 "${CHROMIUM:-/usr/bin/chromium}" "$@"
