// One JSON line in, one JSON line out: what `carevoice analyze` does for each line of its input.
#pragma once

#include "core/error.h"
#include "domain/understanding.h"

#include <string>
#include <string_view>

namespace carevoice::domain {

/// Reads {"id", "call_type", "question", "utterance"} and writes {"id", "pain_score", "temperature_f", "alerts":
/// [{"type", "severity", "rule", "evidence"}], "unclear", "consent"}, no line end. Other fields are ignored.
/// Errc::invalid_input naming the field that is missing or wrong. Pure; safe from many threads.
Result<std::string> analyze_line(const ClinicalReader& reader, std::string_view json_line);

}  // namespace carevoice::domain
