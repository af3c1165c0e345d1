#!/usr/bin/env bash
# Takes the voice runtime's C interface: parts/sherpa-onnx.sh OUT WORK leaves OUT/.parts/sherpa-onnx/{include,lib}.
set -euo pipefail
# shellcheck source=tools/setup/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
out=$1/.parts/sherpa-onnx work=$2

package=$(fetch sherpa-onnx)
unpack "$package" "$work"
mkdir -p "$out/include/sherpa-onnx/c-api" "$out/lib"
# Only the C interface: the C++ one was built with the old string ABI.
cp "$work/sherpa_onnx/include/sherpa-onnx/c-api/c-api.h" "$out/include/sherpa-onnx/c-api/"
cp "$work/sherpa_onnx/lib/libsherpa-onnx-c-api.so" "$work/sherpa_onnx/lib/libonnxruntime.so" "$out/lib/"
chmod 755 "$out"/lib/*.so
