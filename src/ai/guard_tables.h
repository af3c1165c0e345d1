// protocols/guard_rails.json after loading: one pattern book for everything that is looked for, and lists of words.
#pragma once

#include "ai/guard_rails.h"
#include "ai/guard_words.h"
#include "domain/clinical/pattern.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::ai {

/// What a match of the pattern book means. The pieces of statements come first.
enum class Mark {
    opener,    ///< may begin a clause: "and", "okay"
    complete,  ///< a clause of its own
    at_ease,   ///< as complete, when the patient told of nothing bad and asked nothing
    kind,      ///< begins a clause of sympathy or thanks
    glad,      ///< as kind, under the condition of at_ease
    report,    ///< begins the patient's own words: "you said …", "I hear that …"
    note,      ///< begins "I will tell your nurse …"
    refuse,    ///< begins "I cannot say …"
    quote,     ///< begins "you want to know …"
    ask_open,  ///< begins a question, in a sentence with a question mark
    ask_bidding,
    ask_leading,
    never,       ///< of `breach`
    sign,        ///< of `breach`, for its name only
    topic_part,  ///< `part` of `topic` is asked
    topic_cue,   ///< `topic` is asked about
    must_say,
    asking,    ///< the patient asks something
    medicine,  ///< a medicine is named
};

struct Rule {
    Mark mark = Mark::opener;
    Breach breach = Breach::unfamiliar;
    std::size_t topic = 0;
    std::size_t part = 0;
};

struct Topic {
    std::string name;
    std::size_t parts = 0;
    std::vector<std::string> near;  ///< topics whose cues may be heard in its question
    std::vector<double> numbers;    ///< that its question may name
    WordList words;
};

struct GuardRails::Tables {
    std::size_t words_max = 45;
    std::size_t sentences_max = 3;
    WordList fixed_topics;
    domain::clinical::PatternBook patterns;
    std::vector<Rule> rules;  ///< by owner of a mention
    std::vector<Topic> topics;
    WordKin kin;
    WordList function_words;
    WordList kind_words;
    WordList note_words;
    WordList refuse_words;
    WordList never_echo;
    WordList after_you;     ///< may follow "you" in what we will tell the nurse: "what you said"
    WordList time_words;    ///< a promise, unless our own wording has them
    WordList new_subjects;  ///< begin another clause after "and"
    WordList hedges;        ///< the patient only supposes, or tells what others say: then nothing of it is echoed
    WordList proper_words;  ///< written with a capital without being a name
    WordList own_voice;     ///< "I": no echo speaks of itself
    WordList commands;      ///< verbs that give an order when they begin a clause
    WordList denials;
    WordList positive_words;
    WordList worrying_words;
    WordList ask_words;

    [[nodiscard]] const Topic* topic(std::string_view name) const;
};

Result<std::unique_ptr<const GuardRails::Tables>> load_guard_tables(std::string_view guard_rails_json,
                                                                    std::string_view lexicon_json);

}  // namespace carevoice::ai
