#!/bin/sh
# Chromium behind everything else that wants the CPU.
exec nice -n 19 "${CHROMIUM:-/usr/bin/chromium}" "$@"
