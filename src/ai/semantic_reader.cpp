#include "ai/semantic_reader.h"

#include "core/text.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <string>
#include <utility>

namespace carevoice::ai {

namespace {

constexpr std::size_t window_words = 60;
constexpr std::size_t windows_max = 8;

float dot(const SentenceVector& left, const SentenceVector& right) {
    return std::inner_product(left.begin(), left.end(), right.begin(), 0.0F);
}

// A patient who talks for minutes is read piece by piece; what was said last counts when it is too much.
std::deque<std::string_view> windows_of(std::string_view utterance) {
    std::deque<std::string_view> windows;
    std::size_t start = 0;
    std::size_t words = 0;
    for (std::size_t at = 0; at < utterance.size(); ++at) {
        if (utterance[at] != ' ') continue;
        const bool sentence_ends = at > 0 && std::string_view(".!?").find(utterance[at - 1]) != std::string_view::npos;
        if (++words < window_words && !(sentence_ends && words * 2 > window_words)) continue;
        windows.push_back(utterance.substr(start, at - start));
        if (windows.size() > windows_max) windows.pop_front();
        start = at + 1;
        words = 0;
    }
    if (start < utterance.size() || windows.empty()) windows.push_back(utterance.substr(start));
    return windows;
}

}  // namespace

std::string semantic_input(std::string_view utterance, std::string_view question) {
    std::string text(question);
    std::replace(text.begin(), text.end(), '_', ' ');
    return text + ": " + std::string(utterance);
}

SemanticReader::SemanticReader(SentenceEncoder encoder, SemanticHeads heads)
    : encoder_(std::move(encoder)), heads_(std::move(heads)) {}

Result<std::unique_ptr<const SemanticReader>> SemanticReader::load(const std::filesystem::path& folder,
                                                                   std::string_view heads_json) {
    auto heads = load_semantic_heads(heads_json);
    if (!heads) return heads.error();
    auto encoder = SentenceEncoder::load(folder, heads->adapters);
    if (!encoder) return encoder.error();
    heads->adapters.clear();  // they are in the encoder now
    return std::unique_ptr<const SemanticReader>(new SemanticReader(std::move(*encoder), std::move(*heads)));
}

std::vector<domain::ConceptFinding> SemanticReader::read(std::string_view utterance, std::string_view question) const {
    std::vector<domain::ConceptFinding> findings;
    const std::string_view words = trim(utterance);
    // Reciting reasons to call is what a teach-back is for; likeness cannot tell that from having them.
    if (words.empty() || question.starts_with("teachback")) return findings;
    for (const std::string_view window : windows_of(words)) read_window(window, question, findings);
    return findings;
}

void SemanticReader::read_window(std::string_view words, std::string_view question,
                                 std::vector<domain::ConceptFinding>& findings) const {
    const auto vector = encoder_.encode(semantic_input(words, question));
    if (!vector) return;
    for (const SemanticHead& head : heads_.heads) {
        const float logit = dot(head.weights, *vector) + head.bias;
        if (logit < head.threshold) continue;
        const double certainty = 1.0 / (1.0 + std::exp(-static_cast<double>(logit)));
        const auto same = std::ranges::find(findings, head.concept_id, &domain::ConceptFinding::concept_id);
        if (same != findings.end() && same->certainty >= certainty) continue;
        domain::ConceptFinding finding{head.concept_id, domain::Reader::semantic, certainty,
                                       std::string(nearest_example(head.concept_id, *vector))};
        if (same == findings.end()) {
            findings.push_back(std::move(finding));
        } else {
            *same = std::move(finding);
        }
    }
}

std::string_view SemanticReader::nearest_example(std::string_view concept_id, const SentenceVector& vector) const {
    std::string_view nearest;
    float best = -2;
    for (const SemanticExample& example : heads_.examples) {
        if (example.concept_id != concept_id) continue;
        const float likeness = dot(example.vector, vector);
        if (likeness <= best) continue;
        best = likeness;
        nearest = example.text;
    }
    return nearest;
}

}  // namespace carevoice::ai
