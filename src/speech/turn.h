// One utterance on its way through the listener. Internal to the listener.
#pragma once

#include "async/task.h"
#include "core/time.h"
#include "speech/listener.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace carevoice::speech {

/// One clip in the engine.
struct Decode {
    Decode(const async::Executor& executor, Samples16k audio_) : audio(std::move(audio_)), cancelled(executor) {
        cancelled.expires_at(SteadyTime::max());
    }

    const Samples16k audio;
    bool partial = false;
    std::int64_t speech_end = 0;  ///< of the speech that it covers
    std::size_t clip_size = 0;    ///< how much of the clip it covers
    std::int64_t position = 0;    ///< of the stream, when it began
    bool dropped = false;
    std::optional<Result<Transcription>> result;
    async::asio::steady_timer cancelled;  ///< expires when nobody wants the result any more
};

/// One utterance from its first syllable until it is reported. Positions are samples at 8 kHz within the stream.
struct Turn {
    std::int64_t speech_start = 0;
    std::int64_t speech_end = 0;
    SteadyTime speech_ended{};
    std::vector<std::uint8_t> clip;    ///< mu-law, from the pre-roll on
    std::size_t clip_speech_size = 0;  ///< of it, what had come when the last syllable was noticed
    Expectation expectation = Expectation::anything;
    std::string prompt;
    std::int64_t partial_due = 0;
    bool closed = false;
    bool cut_off = false;
    std::shared_ptr<Decode> decode;  ///< the newest

    /// Does the newest decode, running or done, cover everything that was said?
    [[nodiscard]] bool decode_covers_all() const noexcept {
        return decode && !decode->partial && decode->speech_end == speech_end;
    }
    [[nodiscard]] bool has_result() const noexcept { return decode && decode->result; }
};

/// As it is reported; the turn has a result.
Utterance utterance_of(const Turn& turn);

/// As the engines want it.
Samples16k decodable(std::span<const std::uint8_t> mulaw);

}  // namespace carevoice::speech
