// One utterance while it is being read: its words, what matched, and how each match is meant. Lives on the stack.
#pragma once

#include "domain/clinical/assertion.h"
#include "domain/clinical/lexicon.h"
#include "domain/clinical/pattern.h"
#include "domain/clinical/tokens.h"
#include "domain/understanding.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace carevoice::domain::clinical {

class Reading {
public:
    /// All references outlive the reading.
    Reading(const Lexicon& lexicon, std::string_view utterance, const UtteranceContext& context);

    [[nodiscard]] const Lexicon& lexicon() const { return lexicon_; }
    [[nodiscard]] std::string_view utterance() const { return utterance_; }
    [[nodiscard]] const UtteranceContext& context() const { return context_; }
    [[nodiscard]] const Tokens& tokens() const { return tokens_; }
    [[nodiscard]] const std::vector<Mention>& mentions() const { return mentions_; }
    [[nodiscard]] const Assertions& assertions() const { return assertions_; }

    /// No words at all, music, a film's last words, one word again and again: nothing that a patient answered.
    [[nodiscard]] bool is_speech() const { return is_speech_; }

    [[nodiscard]] bool mentions_any(std::string_view entry) const;
    /// Meant so: not denied, past, supposed or somebody else's.
    [[nodiscard]] bool holds(std::string_view entry) const;
    [[nodiscard]] bool denies(std::string_view entry) const;

private:
    [[nodiscard]] bool judge_speech() const;

    const Lexicon& lexicon_;
    std::string_view utterance_;
    const UtteranceContext& context_;
    Tokens tokens_;
    std::vector<Mention> mentions_;
    Assertions assertions_;
    bool is_speech_ = false;
};

}  // namespace carevoice::domain::clinical
