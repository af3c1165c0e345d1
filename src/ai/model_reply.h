// What a chat model answered, after its JSON was held to the form that we asked for.
//
// A model proposes concepts of domain::ConceptBook, each with the patient's own words; that table alone says what an
// alert is worth, so nothing in an answer can lower, silence or invent a severity.
#pragma once

#include "core/error.h"
#include "domain/concepts.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::ai {

struct ModelReply {
    std::string speak;  ///< trimmed, not empty, without control characters; not judged: see GuardRails
    std::vector<domain::ConceptFinding> findings;
    std::size_t findings_dropped = 0;  ///< of an unknown concept, or without words that the patient said
};

/// An answer is far shorter.
inline constexpr std::size_t model_reply_bytes_max = 4096;

/// Reads `{"speak": …, "findings": [{"concept": …, "quote": …}]}`, with or without a code fence around it. Other
/// members are ignored, whatever they order. A quote counts when it occurs in `patient_said`, case and punctuation
/// apart. Errc::corrupt for anything else, without a word of the answer.
Result<ModelReply> parse_model_reply(std::string_view json, std::string_view patient_said,
                                     const domain::ConceptBook& concepts);

/// The JSON Schema of that form, with the ids of `concepts`.
std::string model_reply_schema(const domain::ConceptBook& concepts);

}  // namespace carevoice::ai
