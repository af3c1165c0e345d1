// The second reader: what an utterance means by its likeness to thousands of labelled ones, for the wordings that no
// lexicon lists. Trained by training/train.py.
#pragma once

#include "ai/semantic_heads.h"
#include "ai/sentence_encoder.h"
#include "core/error.h"
#include "domain/concepts.h"

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace carevoice::ai {

class SemanticReader final : public domain::SecondReader {
public:
    /// `folder`: models/sentence-encoder. `heads_json`: protocols/semantic_reader.json. Errc::not_found without the
    /// encoder (the service then goes on with the rules alone), corrupt when either is damaged.
    static Result<std::unique_ptr<const SemanticReader>> load(const std::filesystem::path& folder,
                                                              std::string_view heads_json);

    /// 3 to 10 ms for an utterance of up to 60 words, as much again for each further 60, of which the last 480 count.
    [[nodiscard]] std::vector<domain::ConceptFinding> read(std::string_view utterance,
                                                           std::string_view question) const override;

private:
    SemanticReader(SentenceEncoder encoder, SemanticHeads heads);

    void read_window(std::string_view words, std::string_view question,
                     std::vector<domain::ConceptFinding>& findings) const;
    [[nodiscard]] std::string_view nearest_example(std::string_view concept_id, const SentenceVector& vector) const;

    SentenceEncoder encoder_;
    SemanticHeads heads_;
};

/// What the encoder is given: the question in words, a colon, the utterance. training/train.py does the same.
std::string semantic_input(std::string_view utterance, std::string_view question);

}  // namespace carevoice::ai
