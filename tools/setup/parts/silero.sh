#!/usr/bin/env bash
# Takes the voice-activity weights: parts/silero.sh OUT WORK leaves OUT/models/ggml-silero-v6.2.0.bin.
set -euo pipefail
# shellcheck source=tools/setup/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
out=$1/models work=$2

package=$(fetch whisper)
unpack "$package" "$work"
mkdir -p "$out"
# "for-tests" in its name, but complete: whisper.cpp ships the real weights, small as they are.
cp "$work"/pywhispercpp-*/whisper.cpp/models/for-tests-silero-v6.2.0-ggml.bin "$out/ggml-silero-v6.2.0.bin"
