// Puts the words of one turn together: picks wordings that this call has not used, fills in names and numbers.
#pragma once

#include "domain/dialogue.h"
#include "domain/dialogue/protocol.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carevoice::domain::dialogue {

using Fill = std::pair<std::string_view, std::string>;  ///< "{number}" without its braces, and what to say there
using Fills = std::vector<Fill>;

/// The text of one turn, growing sentence by sentence. Lives for one step; `state` keeps which wordings are used up.
class Speech {
public:
    Speech(const WordingBook& book, DialogueState& state, const DialogueContext& context)
        : book_(book), state_(state), context_(context) {}

    /// A phrase of the wording book.
    void say(std::string_view phrase, const Fills& fills = {}) { say_one_of(phrase, book_.of(phrase), fills); }
    /// One of `wordings`, remembered under `key`.
    void say_one_of(std::string_view key, const Wordings& wordings, const Fills& fills = {});
    void say_text(std::string_view text);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    void clear() {
        text_.clear();
        essential_from_ = 0;
    }

    /// What was said so far need not be said again when the patient asks us to repeat.
    void mark_courtesy_done() { essential_from_ = text_.size(); }
    [[nodiscard]] std::string essential() const;

    /// `text` with {first_name}, {organisation}, {procedure}, … and `fills` filled in.
    [[nodiscard]] std::string filled(std::string_view text, const Fills& fills = {}) const;

private:
    const WordingBook& book_;
    DialogueState& state_;
    const DialogueContext& context_;
    std::string text_;
    std::size_t essential_from_ = 0;
};

/// The patient's blood thinner by the name the hospital gave it; empty when none is known.
std::string blood_thinner_of(const Patient& patient, const WordingBook& book);

/// "A three", "An eight", "A zero".
std::string with_article(int number);

/// "ninety-eight point four", "one hundred one point eight".
std::string temperature_in_words(double fahrenheit);

/// The first letter made upper case.
std::string capitalised(std::string text);

}  // namespace carevoice::domain::dialogue
