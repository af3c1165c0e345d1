#include "domain/transcript.h"

namespace carevoice::domain {

std::string_view to_string(Speaker speaker) noexcept {
    return speaker == Speaker::assistant ? "assistant" : "patient";
}

std::optional<Speaker> parse_speaker(std::string_view text) noexcept {
    if (text == "assistant") return Speaker::assistant;
    if (text == "patient") return Speaker::patient;
    return std::nullopt;
}

std::string_view to_string(WordingSource source) noexcept {
    switch (source) {
        case WordingSource::fixed: return "fixed";
        case WordingSource::ours: return "ours";
        case WordingSource::model: return "model";
    }
    return "?";
}

std::optional<WordingSource> parse_wording_source(std::string_view text) noexcept {
    for (const auto source : {WordingSource::fixed, WordingSource::ours, WordingSource::model})
        if (to_string(source) == text) return source;
    return std::nullopt;
}

std::string_view to_string(Fallback reason) noexcept {
    switch (reason) {
        case Fallback::late: return "late";
        case Fallback::failed: return "failed";
        case Fallback::breaker: return "breaker";
        case Fallback::guard_rails: return "guard_rails";
    }
    return "?";
}

std::optional<Fallback> parse_fallback(std::string_view text) noexcept {
    for (const auto reason : {Fallback::late, Fallback::failed, Fallback::breaker, Fallback::guard_rails})
        if (to_string(reason) == text) return reason;
    return std::nullopt;
}

}  // namespace carevoice::domain
