// The question sets and the wording as data: read from protocols/*.json, checked whole, then only looked at.
#pragma once

#include "core/error.h"
#include "domain/alert.h"
#include "domain/dialogue.h"
#include "domain/fact.h"

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain::dialogue {

/// Different ways to say one thing; never empty.
using Wordings = std::vector<std::string>;

inline constexpr int asks_max = 3;  ///< over the whole call, by DialogueState::asked

/// Holds when the fact has one of the wanted values, is at least a number, or is (not) known.
struct Condition {
    std::string fact;
    std::optional<bool> known;
    std::optional<bool> is;
    std::optional<double> at_least;
    std::vector<std::string> any_of;
};

/// Raised by the dialogue itself when a yes/no follow-up, or the last and closed wording of a topic, is answered so.
struct AnswerAlert {
    bool answer = true;
    AlertType type = AlertType::patient_concern;
    Severity severity = Severity::low;
    std::string rule;
};

/// One thing that a teach-back answer must hold: any of the phrases (see has_phrase).
struct KeyPoint {
    std::string name;
    std::vector<std::string> phrases;
    std::vector<std::string> partly;  ///< touch on it without saying it
    std::vector<std::string> wrong;   ///< the opposite of it, unless they are denied
    bool wrong_is_dangerous = false;  ///< then it raises D7, moderate: a dangerous belief about a medicine
    std::string explain;              ///< said when it was missing or wrong
    std::string explain_again;        ///< and when it was missing once more: in other words
};

/// What an education topic tells, and what it wants to hear back.
struct Lesson {
    Wordings tell;
    std::vector<KeyPoint> points;
};

struct Topic {
    std::string name;
    AnswerKind answers = AnswerKind::story;
    std::array<Wordings, asks_max> ask;  ///< by attempt: plainly, in other words, closed or with keys
    Wordings ask_blood_thinner;          ///< first attempt for somebody on one; may be empty
    int keys = 0;
    std::vector<std::string> key_words;  ///< what the keys 1, 2, 3 say; "yes", "no" for a yes/no question
    milliseconds patience{8000};
    std::string speech_prompt;
    bool important = false;                 ///< unanswered, it makes the call partial
    bool clinical = true;                   ///< counts towards "two unclear in a row"
    bool reads_back = false;                ///< first says what was understood of the wishes, and takes corrections
    int asks = asks_max;                    ///< a follow-up is asked once
    std::string read_as;                    ///< the question told to the clinical reader; the name when empty
    std::string sets;                       ///< fact that a plain yes or no sets; may be empty
    std::vector<std::string> known_by;      ///< all known: nothing to ask
    std::vector<ProcedureFamily> families;  ///< empty: all
    std::optional<int> from_day;            ///< post-operative days; unknown day: asked
    std::optional<int> to_day;
    bool on_demand = false;       ///< asked only when the conversation calls for it
    bool fixed = false;           ///< nobody may word it anew
    std::string follows;          ///< name of the topic that this one follows up; empty for a planned topic
    std::vector<Condition> when;  ///< all must hold for a follow-up
    std::vector<AnswerAlert> alerts;
    std::map<std::string, Lesson> lessons;  ///< education: by procedure family
};

/// Something that somebody who says "fine" may mention beside it.
struct Trouble {
    std::string name;                  ///< "sleep"
    std::string words;                 ///< to say it back: "you do not sleep well"
    std::vector<std::string> phrases;  ///< see has_phrase
};

struct Protocol {
    std::string name;
    Wordings purpose;                     ///< right after identity: why we call; may speak of the operation
    Wordings purpose_before;              ///< the same for an operation still to come; empty: as `purpose`
    Wordings safety;                      ///< the emergency notice, once, before the first question of health
    std::vector<std::string> minimisers;  ///< "can't complain"
    std::vector<Trouble> troubles;        ///< beside a minimiser they bring the topic "probe", once
    std::vector<std::string> low_mood;    ///< bring the topics "phq2_interest" and "phq2_mood"
    std::vector<Topic> topics;

    /// nullptr when there is none of that name.
    [[nodiscard]] const Topic* find(std::string_view topic) const;
};

struct EmergencyWords {
    std::string text;
    std::string before_identity;  ///< the same without a word about an operation
};

struct WordingBook {
    std::map<std::string, Wordings> phrases;            ///< by name: "thanks", "still_there", …
    std::map<std::string, EmergencyWords> emergencies;  ///< by rule: "E1"
    std::vector<std::string> machine_greetings;         ///< phrases that only a machine says
    std::vector<std::string> wrong_number;              ///< phrases of somebody who does not know the patient
    std::vector<std::string> call_screening;            ///< phrases of a robot that screens calls
    std::vector<std::string> blood_thinners;            ///< names, lower case

    /// The name must be one of required_phrases(): load() has checked that it is there.
    [[nodiscard]] const Wordings& of(std::string_view phrase) const;
};

/// `file` is named in errors. Errc::corrupt with the entry at fault.
Result<Protocol> load_protocol(std::string_view file, std::string_view text);
Result<WordingBook> load_wording(std::string_view file, std::string_view text);

}  // namespace carevoice::domain::dialogue
