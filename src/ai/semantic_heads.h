// What training/train.py learned, as it lies in protocols/semantic_reader.json: small changes to the encoder's
// matrices, a linear head per concept, and examples to name the nearest of.
#pragma once

#include "ai/sentence_encoder.h"
#include "core/error.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::ai {

/// One concept is present when dot(weights, vector) + bias >= threshold.
struct SemanticHead {
    std::string concept_id;
    SentenceVector weights{};
    float bias = 0;
    float threshold = 0;  ///< of the logit, chosen so that quiet utterances stay quiet
};

struct SemanticExample {
    std::string concept_id;
    std::string text;
    SentenceVector vector{};  ///< near length 1: kept in 8 bits a number
};

struct SemanticHeads {
    std::vector<EncoderAdapter> adapters;
    std::vector<SemanticHead> heads;
    std::vector<SemanticExample> examples;
};

/// Errc::corrupt names the entry at fault.
Result<SemanticHeads> load_semantic_heads(std::string_view json);

}  // namespace carevoice::ai
