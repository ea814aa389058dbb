#!/usr/bin/env bash
# Makes sure that a Chromium is there for the tests that look at pages in a real browser.
# Nothing to do when there is one; installed with apt-get when this runs as root; otherwise a loud
# message, and an error in continuous integration (CI=true), where those tests are required.
set -euo pipefail

for browser in chromium chromium-browser google-chrome; do
    if command -v "$browser" >/dev/null; then
        exit 0
    fi
done

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo 'Installing chromium for the browser tests ...'
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null
    apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core </dev/null >/dev/null
    exit 0
fi

echo '*******************************************************************************' >&2
echo '* No Chromium: the tests that open reports in a real browser will be SKIPPED. *' >&2
echo '* Install it (Debian: sudo apt-get install chromium), then run again.         *' >&2
echo '*******************************************************************************' >&2
[ "${CI:-}" != true ]
