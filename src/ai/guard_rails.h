// What a chat model may say in a call, and what it may not. The last gate before a model's sentence is spoken.
//
// Default deny: every sentence has to be readable, word for word, as a row of pieces that we let a model say (thanks,
// sympathy, what the patient just said, "I will tell your nurse") and of one question about the pending topic in words
// that belong to it. On top of that, words of diagnosis, dose, reassurance, … block a reply wherever they stand. A
// wrong block costs little, for our own wording is spoken instead; a wrong pass is what must not happen.
//
// Lists, pieces and topics are data: protocols/guard_rails.json. Pure and deterministic; a check takes well under 200
// us.
#pragma once

#include "core/error.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::ai {

/// Why a sentence was not spoken, in the order in which reasons are looked for. Names are metric labels.
enum class Breach {
    empty,              ///< no words in it
    markup,             ///< mark-up, SSML, JSON, emoji, addresses, control characters, more than one line
    too_long,           ///< more than 45 words or 3 sentences
    before_identity,    ///< before we know who listens, no model speaks
    repetition,         ///< says things over, or what was just said
    identifier,         ///< names, dates of birth, numbers of the record, or asks for such
    diagnosis,          ///< names a cause or an illness
    dose,               ///< an amount or a time for a medicine
    medicine_change,    ///< stop, skip, start, swap, go on with a medicine
    reassurance,        ///< "normal", "expected", "nothing to worry about" in any wording
    promise,            ///< a promise, or a claim about what was done or who speaks
    other_instruction,  ///< advice about body, wound, food, activity or care; plays an emergency down
    meta,               ///< talks of models or instructions, or another language
    two_questions,      ///< asks more than the one question that is due
    wrong_topic,        ///< asks about something else, only about a part, or nothing though a question is due
    omission,           ///< leaves out what our own wording has to tell ("I am letting your team know today")
    unfamiliar,         ///< none of the above by name, but not made of pieces that we let a model say
};
inline constexpr std::size_t breach_count = static_cast<std::size_t>(Breach::unfamiliar) + 1;
std::string_view to_string(Breach breach) noexcept;

/// What surrounds the sentence. Texts outlive the check.
struct GuardContext {
    std::string_view topic;         ///< the question that is due ("wound"); empty: none may be asked
    std::string_view own_wording;   ///< what we would say ourselves: acknowledgement and question
    std::string_view patient_said;  ///< the utterance it answers; only what it holds may be echoed
    std::string_view last_spoken;   ///< by us, in the turn before
    bool identity_verified = false;
    std::vector<std::string> identifiers;  ///< never to be spoken by a model: names, date of birth, phone, record id
};

/// Immutable after load: share it between threads.
class GuardRails {
public:
    /// Texts of protocols/guard_rails.json and of protocols/lexicon.json (for the names of drugs). Checks them whole;
    /// Errc::corrupt names file and entry.
    static Result<GuardRails> load(std::string_view guard_rails_json, std::string_view lexicon_json);

    GuardRails(GuardRails&&) noexcept;
    GuardRails& operator=(GuardRails&&) noexcept;
    ~GuardRails();

    /// The first breach found; nullopt when `speak` may be spoken as it is.
    [[nodiscard]] std::optional<Breach> check(std::string_view speak, const GuardContext& context) const;

    /// Topics that are always asked in our own words: identity, consents, lessons.
    [[nodiscard]] bool is_fixed_topic(std::string_view topic) const;
    /// False for a topic without an entry of its own: then a question has to keep to the words of our own.
    [[nodiscard]] bool knows_topic(std::string_view topic) const;

    struct Tables;

private:
    explicit GuardRails(std::unique_ptr<const Tables> tables);
    std::unique_ptr<const Tables> tables_;
};

}  // namespace carevoice::ai
