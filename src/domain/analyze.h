// One JSON line in, one JSON line out: what `carevoice analyze` does for each line of its input.
#pragma once

#include "core/error.h"
#include "domain/understanding.h"

#include <string>
#include <string_view>

namespace carevoice::domain {

/// Reads {"id", "call_type", "question", "utterance"} and writes {"id", "pain_score", "temperature_f", "alerts":
/// [{"type", "severity", "rule", "evidence"}], "unclear", "consent"}, no line end. Other fields are ignored.
/// With a second reader its findings count, too; alerts that rest on it also hold "reader" and "nearest".
/// Errc::invalid_input naming the field that is missing or wrong. Pure; safe from many threads.
Result<std::string> analyze_line(const ClinicalReader& reader, std::string_view json_line,
                                 const SecondReader* second_reader = nullptr);

/// Reads {"id", "sentence", "span"} and writes {"id", "negated", "historical", "hypothetical", "experiencer": "patient"
/// or "other"}, no line end: how those words of the sentence are meant, whatever they are. The span is found by its
/// text, case ignored. Errors, purity and threads as analyze_line.
Result<std::string> assert_line(const ClinicalReader& reader, std::string_view json_line);

}  // namespace carevoice::domain
