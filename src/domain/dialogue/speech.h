// Puts the words of one turn together: picks wordings that this call has not used, fills in names and numbers.
#pragma once

#include "domain/dialogue.h"
#include "domain/dialogue/heard.h"
#include "domain/dialogue/protocol.h"

#include <cstddef>
#include <optional>
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
    /// A phrase that may be left out: nothing is said when this call has heard all of its wordings.
    void say_if_new(std::string_view phrase, const Fills& fills = {});
    /// One of `wordings`, remembered under `key`: one with a sentence that this call has not heard, as long
    /// as there is one, and without those that it has ("Please say yes or no.").
    /// A sentence at its beginning that was heard before ("Please say yes or no.") is left out.
    void say_one_of(std::string_view key, const Wordings& wordings, const Fills& fills = {});
    /// '|' in it marks a pause.
    void say_text(std::string_view text);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    /// Where text() pauses, as offsets into it, ascending.
    [[nodiscard]] const std::vector<std::size_t>& pauses() const noexcept { return pauses_; }
    void clear() {
        text_.clear();
        pauses_.clear();
        essential_from_ = 0;
    }

    /// What was said so far need not be said again when the patient asks us to repeat.
    void mark_courtesy_done() { essential_from_ = text_.size(); }
    [[nodiscard]] std::string essential() const;

    /// `text` with {first_name}, {organisation}, {procedure}, … and `fills` filled in.
    [[nodiscard]] std::string filled(std::string_view text, const Fills& fills = {}) const;

private:
    [[nodiscard]] bool is_said(std::string_view sentence) const;
    [[nodiscard]] std::optional<std::size_t> new_wording(std::string_view key, const Wordings& wordings,
                                                         const Fills& fills) const;
    /// `text` without the sentences that were said before; the last one stays when all were.
    [[nodiscard]] std::string without_said(std::string_view text) const;
    [[nodiscard]] bool has_news(std::string_view text) const;

    const WordingBook& book_;
    DialogueState& state_;
    const DialogueContext& context_;
    std::string text_;
    std::vector<std::size_t> pauses_;
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
