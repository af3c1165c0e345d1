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

}  // namespace carevoice::domain
