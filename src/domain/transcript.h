// Who said what, in the order of the call.
#pragma once

#include "core/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carevoice::domain {

enum class Speaker { assistant, patient };
std::string_view to_string(Speaker speaker) noexcept;
std::optional<Speaker> parse_speaker(std::string_view text) noexcept;

struct Turn {
    std::int64_t sequence = 0;  ///< from 1, without gaps, over both speakers
    Speaker speaker = Speaker::assistant;
    std::string topic;  ///< the question pending when it was said; may be empty
    std::string text;
    WallTime started_at{};
    WallTime ended_at{};
    std::optional<double> confidence;      ///< 0 to 1, of the recogniser; patient turns only
    std::optional<std::int64_t> audio_ms;  ///< start within the call's audio stream; patient turns only
    bool interrupted = false;              ///< the patient talked over it, or the line dropped in it
    friend bool operator==(const Turn&, const Turn&) = default;
};

}  // namespace carevoice::domain
