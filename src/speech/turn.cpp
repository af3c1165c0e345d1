#include "speech/turn.h"

#include "audio/mulaw.h"
#include "audio/resampler.h"

namespace carevoice::speech {

Samples16k decodable(std::span<const std::uint8_t> mulaw) {
    std::vector<std::int16_t> decoded(mulaw.size());
    audio::mulaw_decode(mulaw, decoded);
    auto out = std::make_shared<std::vector<float>>();
    out->reserve(2 * mulaw.size());
    audio::Upsampler8kTo16k upsampler;
    upsampler.process(decoded, *out);
    return out;
}

}  // namespace carevoice::speech
