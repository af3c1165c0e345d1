#include "speech/turn.h"

#include "audio/mulaw.h"
#include "audio/resampler.h"

namespace carevoice::speech {

Utterance utterance_of(const Turn& turn) {
    constexpr std::int64_t samples_per_ms = audio::phone_rate_hz / 1'000;
    const auto& result = *turn.decode->result;
    Utterance utterance;
    utterance.start_ms = turn.speech_start / samples_per_ms;
    utterance.end_ms = turn.speech_end / samples_per_ms;
    utterance.speech_ended = turn.speech_ended;
    utterance.cut_off = turn.cut_off;
    utterance.failed = result.has_error();
    if (result.has_value()) {
        utterance.text = result->text;
        utterance.confidence = result->confidence;
    }
    return utterance;
}

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
