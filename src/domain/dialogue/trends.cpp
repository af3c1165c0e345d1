// What is new beside the patient's earlier calls.
#include "domain/dialogue/conversation.h"

#include <algorithm>

namespace carevoice::domain::dialogue {

void Conversation::note_trend() {
    const auto score = pain_score();
    const auto& prior = context_.prior_pain_scores;
    if (!score || prior.empty()) return;
    const int last = prior.back();
    const bool rose_before = prior.size() >= 2 && last > prior[prior.size() - 2];
    std::string trend = "plateau";
    if (*score >= last + 2 || (*score > last && rose_before)) trend = "worsening";
    if (*score < last) trend = "improving";
    put("trend", trend);
}

void Conversation::note_new_wound_signs() {
    using Texts = std::vector<std::string>;
    const auto before = context_.prior_facts.find("wound_signs");
    const auto now = state_.facts.find("wound_signs");
    const auto* known = before == context_.prior_facts.end() ? nullptr : std::get_if<Texts>(&before->second);
    const auto* signs = now == state_.facts.end() ? nullptr : std::get_if<Texts>(&now->second);
    if (known == nullptr || signs == nullptr) return;
    Texts fresh;
    for (const auto& sign : *signs)
        if (std::ranges::find(*known, sign) == known->end()) fresh.push_back(sign);
    if (!fresh.empty()) put("new_wound_signs", fresh);
}

}  // namespace carevoice::domain::dialogue
