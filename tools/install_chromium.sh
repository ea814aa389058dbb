#!/usr/bin/env bash
# Makes sure that Chromium and its driver are there for the tests that look at pages in a browser.
# Nothing to do when they are; installed with apt-get when this runs as root; otherwise a loud
# message, and an error in continuous integration (CI=true), where those tests are required.
set -euo pipefail

if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then
    exit 0
fi

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo 'Installing chromium for the browser tests ...'
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null
    apt-get install -y -qq --no-install-recommends \
        chromium chromium-driver fonts-dejavu-core </dev/null >/dev/null
    exit 0
fi

echo '*******************************************************************************' >&2
echo '* No Chromium: the tests that open reports in a real browser will be SKIPPED. *' >&2
echo '* Install it (apt-get install chromium chromium-driver), then run again.       *' >&2
echo '*******************************************************************************' >&2
[ "${CI:-}" != true ]
