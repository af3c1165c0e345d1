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

/// Where the assistant's words of a turn came from.
enum class WordingSource {
    fixed,  ///< no model may word them: safety, identity, read-backs, lessons
    ours,   ///< other words might have stood in, and our own were spoken
    model,  ///< a chat model's, which the guard rails let pass
};
std::string_view to_string(WordingSource source) noexcept;
std::optional<WordingSource> parse_wording_source(std::string_view text) noexcept;

/// Why our own words were spoken although a chat model was there.
enum class Fallback {
    late,         ///< it had not begun by the deadline
    failed,       ///< it was not reachable, refused, or gave no usable answer
    breaker,      ///< it has failed too often of late and was not asked
    guard_rails,  ///< it said what a model may not say; `breach` has the reason
};
std::string_view to_string(Fallback reason) noexcept;
std::optional<Fallback> parse_fallback(std::string_view text) noexcept;

struct Wording {
    WordingSource source = WordingSource::fixed;
    std::optional<Fallback> fallback = {};
    std::string breach = {};                    ///< the guard rail's name ("dose"); empty when none held it back
    std::optional<std::int64_t> model_ms = {};  ///< until its first sentence, or until we gave up; no value: not asked
    friend bool operator==(const Wording&, const Wording&) = default;
};

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
    std::optional<Wording> wording = {};   ///< assistant turns only
    friend bool operator==(const Turn&, const Turn&) = default;
};

}  // namespace carevoice::domain
