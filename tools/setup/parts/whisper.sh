#!/usr/bin/env bash
# Builds whisper.cpp for this machine: parts/whisper.sh OUT WORK leaves OUT/.parts/whisper/{include,lib}.
set -euo pipefail
# shellcheck source=tools/setup/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
out=$1/.parts/whisper work=$2

package=$(fetch whisper)
unpack "$package" "$work"
source_dir=$(echo "$work"/pywhispercpp-*/whisper.cpp)

# OpenMP would make its own threads beside our pool; the llamafile kernels are a quarter faster on one utterance.
cmake -G Ninja -S "$source_dir" -B "$work/build" \
  -DCMAKE_C_COMPILER=clang-16 -DCMAKE_CXX_COMPILER=clang++-16 -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_FLAGS="-ffile-prefix-map=$work=." -DCMAKE_CXX_FLAGS="-ffile-prefix-map=$work=." \
  -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_INSTALL_PREFIX="$out" -DCMAKE_INSTALL_LIBDIR=lib \
  -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=ON -DGGML_LLAMAFILE=ON -DGGML_OPENMP=OFF -DGGML_CCACHE=OFF \
  -DWHISPER_BUILD_TESTS=OFF -DWHISPER_BUILD_EXAMPLES=OFF -DWHISPER_BUILD_SERVER=OFF
cmake --build "$work/build" -j 2
cmake --install "$work/build"
# Both name the build folder, and cmake/Parts.cmake says better what we link.
rm -rf "$out/lib/cmake" "$out/lib/pkgconfig"
cp "$source_dir/LICENSE" "$out/LICENSE"
