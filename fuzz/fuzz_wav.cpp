// WAVE files come from recorders and operators: anything must be refused or read, never overrun.
#include "audio/wav.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto clip = carevoice::audio::read_wav(std::as_bytes(std::span(data, size)));
    if (clip.has_value()) {
        if (clip->samples.size() % clip->channels != 0) std::abort();
        if (clip->mono().size() != clip->frames()) std::abort();
    }
    return 0;
}
