#include "domain/dialogue/preferences.h"

#include "core/text.h"
#include "domain/dialogue/words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

namespace carevoice::domain::dialogue {
namespace {

using Words = std::vector<std::string>;

constexpr std::array<std::string_view, 7> days{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                               "Friday", "Saturday", "Sunday"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> languages{{{"english", "en"},
                                                                                   {"spanish", "es"},
                                                                                   {"espanol", "es"},
                                                                                   {"french", "fr"},
                                                                                   {"german", "de"},
                                                                                   {"chinese", "zh"},
                                                                                   {"mandarin", "zh"},
                                                                                   {"vietnamese", "vi"},
                                                                                   {"korean", "ko"},
                                                                                   {"russian", "ru"},
                                                                                   {"arabic", "ar"},
                                                                                   {"portuguese", "pt"}}};

constexpr std::array<std::string_view, 24> relations{
    "son",    "daughter", "wife",   "husband",  "spouse",        "partner",   "mother", "father",
    "mom",    "dad",      "sister", "brother",  "neighbor",      "neighbour", "friend", "niece",
    "nephew", "cousin",   "aunt",   "grandson", "granddaughter", "caregiver", "aide",   "nurse"};

bool has_any(std::string_view padded, std::initializer_list<std::string_view> phrases) {
    return std::ranges::any_of(phrases, [&](std::string_view phrase) { return has_phrase(padded, phrase); });
}

/// A plain yes or no, from the reader or from everyday turns of phrase.
std::optional<bool> permission(std::string_view padded, std::optional<bool> yes_no) {
    if (has_any(padded, {"dont", "do not", "not", "never", "rather not", "no messages", "no message"})) return false;
    if (yes_no) return yes_no;
    if (has_any(padded, {"yes", "sure", "fine", "okay", "ok", "all right", "alright", "of course", "go ahead",
                         "you can", "you may", "please do"}))
        return true;
    if (has_any(padded, {"no", "nope"})) return false;
    return std::nullopt;
}

std::string clock(int hour) {
    std::string text = hour < 10 ? "0" : "";
    return text + std::to_string(hour) + ":00";
}

/// The hours of the clock that are named: "nine and eleven", "10:30", "2 pm". Half hours are cut off.
std::vector<int> hours_in(const Words& words, bool morning, bool later) {
    std::vector<int> hours;
    bool after_noon_named = later;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "noon") hours.push_back(12);
        const bool digits = std::isdigit(static_cast<unsigned char>(words[i].front())) != 0;
        const bool minutes =
            i > 0 && (words[i] == "30" || words[i] == "00" || words[i] == "15" || words[i] == "thirty");
        const auto parsed = digits ? parse_digits(words[i]) : std::nullopt;
        const auto number = parsed ? std::optional(static_cast<int>(std::min<std::uint64_t>(*parsed, 99)))
                                   : (digits ? std::nullopt : number_word(words[i]));
        if (number && *number >= 1 && *number <= 12 && !minutes) hours.push_back(*number);
        if (words[i] == "pm" || (words[i] == "p" && i + 1 < words.size() && words[i + 1] == "m"))
            after_noon_named = true;
    }
    for (auto& hour : hours)
        if (hour < 12 && ((after_noon_named && !morning) || (hour < 8 && !morning))) hour += 12;
    return hours;
}

struct DaysHeard {
    std::vector<std::string> preferred;
    std::vector<std::string> excluded;
};

void add_day(std::vector<std::string>& list, std::string_view day) {
    if (std::ranges::find(list, day) == list.end()) list.emplace_back(day);
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, word) != words.end();
}

/// "Tuesdays and Thursdays", "any day but Sunday", "not on weekends".
DaysHeard days_in(const Words& words) {
    DaysHeard heard;
    bool excluding = false;
    for (const auto& word : words) {
        auto& list = excluding ? heard.excluded : heard.preferred;
        const auto one = word.ends_with('s') ? word.substr(0, word.size() - 1) : word;
        const auto day = std::ranges::find_if(days, [&](std::string_view name) { return to_lower_ascii(name) == one; });
        if (day != days.end()) {
            add_day(list, *day);
        } else if (one == "weekend") {
            add_day(list, "Saturday");
            add_day(list, "Sunday");
        } else if (one == "weekday") {
            add_day(heard.excluded, "Saturday");
            add_day(heard.excluded, "Sunday");
        } else if (is_one_of(word, {"not", "no", "except", "never", "but", "besides", "other", "apart"})) {
            excluding = true;
        } else if (!is_one_of(word, {"on", "or", "and", "the", "than", "from", "for"})) {
            excluding = false;
        }
    }
    std::erase_if(heard.preferred, [&](const std::string& day) {
        return std::ranges::find(heard.excluded, day) != heard.excluded.end();
    });
    return heard;
}

/// How many digits the word stands for; 0 for any other word.
std::size_t digits_of(const std::string& word) {
    if (std::isdigit(static_cast<unsigned char>(word.front())) != 0) return word.size();
    const auto number = number_word(word);
    return number && *number < 10 ? 1 : 0;
}

/// Without the runs of digits that are a phone number.
Words without_phone(const Words& words) {
    constexpr std::size_t phone_digits_least = 7;
    Words kept;
    for (std::size_t from = 0; from < words.size();) {
        std::size_t to = from;
        std::size_t digits = 0;
        while (to < words.size() && digits_of(words[to]) > 0) digits += digits_of(words[to++]);
        if (to == from)
            kept.push_back(words[to++]);
        else if (digits < phone_digits_least)
            kept.insert(kept.end(), words.begin() + static_cast<std::ptrdiff_t>(from),
                        words.begin() + static_cast<std::ptrdiff_t>(to));
        from = to;
    }
    return kept;
}

std::optional<Facts> preferred_time(std::string_view text) {
    const auto padded = padded_words(text);
    const bool morning = has_any(padded, {"morning", "mornings", "am"});
    const bool afternoon = has_any(padded, {"afternoon", "afternoons"});
    const bool evening = has_any(padded, {"evening", "evenings", "tonight", "night"});
    const bool any_time = has_any(padded, {"anytime", "any time", "whenever", "doesnt matter", "any day"});
    const auto words = without_phone(words_of(text));
    const auto hours = hours_in(words, morning, afternoon || evening);
    int start = 0;
    int end = 0;
    if (hours.size() >= 2) {
        start = hours[0];
        end = hours[1] <= start && hours[1] <= 12 ? hours[1] + 12 : hours[1];
    } else if (hours.size() == 1) {
        const bool before = has_any(padded, {"before", "until", "till", "no later than"});
        start = before ? 8 : hours[0];
        end = before ? hours[0] : (has_phrase(padded, "after") ? 20 : hours[0] + 1);
    } else if (morning) {
        start = 8, end = 12;
    } else if (afternoon) {
        start = 12, end = 17;
    } else if (evening) {
        start = 17, end = 20;
    } else if (any_time) {
        start = 8, end = 20;
    }
    const auto named = days_in(words);
    if (end <= start || end > 24) {
        if (named.excluded.empty() && named.preferred.empty()) return std::nullopt;
        start = 8, end = 20;
    }
    Facts facts{{"preferred_start", clock(start)}, {"preferred_end", clock(end)}};
    if (!named.excluded.empty()) facts["excluded_days"] = named.excluded;
    if (!named.preferred.empty()) facts["preferred_days"] = named.preferred;
    return facts;
}

/// Digits said or written one after the other: "five five five, oh one four two" -> "555-0142".
std::string phone_in(const Words& words) {
    std::string best;
    std::string run;
    for (const auto& word : words) {
        if (std::isdigit(static_cast<unsigned char>(word.front())) != 0) {
            run += word;
        } else if (const auto number = number_word(word); number && *number < 10) {
            run += std::to_string(*number);
        } else {
            run.clear();
        }
        if (run.size() > best.size()) best = run;
    }
    if (best.size() == 11 && best.front() == '1') best.erase(0, 1);
    if (best.size() == 7) return best.substr(0, 3) + "-" + best.substr(3);
    if (best.size() == 10) return best.substr(0, 3) + "-" + best.substr(3, 3) + "-" + best.substr(6);
    return best.size() > 7 ? best : std::string();
}

/// A word with a capital letter that is neither a relation nor a usual beginning of a sentence.
std::string name_in(std::string_view text) {
    constexpr std::array<std::string_view, 27> others{
        "my", "yes", "yeah", "no", "it",   "its",  "thats", "that", "he",    "she",  "his",  "her",  "you",   "i",
        "im", "the", "well", "oh", "sure", "okay", "and",   "they", "there", "call", "name", "talk", "mainly"};
    std::string word;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        const char c = i < text.size() ? text[i] : ' ';
        if (std::isalpha(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0 || c == '\'') {
            word += c;
            continue;
        }
        const auto lower = to_lower_ascii(word);
        std::string plain;
        std::ranges::copy_if(lower, std::back_inserter(plain), [](char letter) { return letter != '\''; });
        const bool capital = !word.empty() && std::isupper(static_cast<unsigned char>(word.front())) != 0;
        if (capital && std::ranges::find(others, plain) == others.end() &&
            std::ranges::find(relations, plain) == relations.end() && !number_word(plain))
            return word.ends_with("'s") ? word.substr(0, word.size() - 2) : word;
        word.clear();
    }
    return {};
}

/// May we talk with the caregiver? Only what was said, not what it may mean.
std::optional<bool> discussing(std::string_view padded) {
    if (has_any(padded, {"dont talk", "do not talk", "not talk", "dont speak", "do not speak", "dont tell",
                         "do not tell", "not to speak", "not to talk", "not discuss", "just for emergencies"}))
        return false;
    if (has_any(padded, {"talk", "speak", "discuss", "tell", "anything"})) return true;
    return std::nullopt;
}

std::optional<Facts> caregiver(std::string_view text, std::optional<bool> yes_no) {
    const auto padded = padded_words(text);
    Facts facts;
    for (const auto relation : relations)
        if (has_phrase(padded, relation) && !facts.contains("caregiver_relation"))
            facts["caregiver_relation"] = std::string(relation);
    if (const auto phone = phone_in(words_of(text)); !phone.empty()) facts["caregiver_phone"] = phone;
    const bool somebody = !facts.empty();
    if (!somebody &&
        (yes_no == false || has_any(padded, {"nobody", "no one", "none", "myself", "live alone", "dont have"})))
        return Facts{{"caregiver_present", false}};
    if (const auto name = name_in(text); !name.empty()) facts["caregiver_name"] = name;
    if (facts.empty() && yes_no != true) return std::nullopt;
    facts["caregiver_present"] = true;
    if (const auto may = discussing(padded)) facts["caregiver_may_discuss"] = *may;
    return facts;
}

std::optional<Facts> caregiver_permission(std::string_view text, std::optional<bool> yes_no) {
    const auto padded = padded_words(text);
    const auto may = yes_no ? yes_no : discussing(padded);
    const auto allowed = may ? may : permission(padded, yes_no);
    if (!allowed) return std::nullopt;
    return Facts{{"caregiver_may_discuss", *allowed}};
}

bool names_language(std::string_view padded) {
    return std::ranges::any_of(languages, [&](const auto& language) { return has_phrase(padded, language.first); });
}

std::optional<Facts> language(std::string_view text, std::optional<bool> yes_no) {
    const auto padded = padded_words(text);
    for (const auto& [name, code] : languages)
        if (has_phrase(padded, name)) return Facts{{"language", std::string(code)}};
    if (has_any(padded, {"this is fine", "this one", "the same", "same"}) || yes_no == true)
        return Facts{{"language", std::string("en")}};
    return std::nullopt;
}

}  // namespace

std::optional<Facts> hear_preference(std::string_view topic, std::string_view text, std::optional<bool> yes_no) {
    if (topic == "preferred_time") return preferred_time(text);
    if (topic == "caregiver") return caregiver(text, yes_no);
    if (topic == "caregiver_name") {
        const auto name = name_in(text);
        return name.empty() ? std::nullopt : std::optional(Facts{{"caregiver_name", name}});
    }
    if (topic == "caregiver_phone") {
        const auto phone = phone_in(words_of(text));
        return phone.empty() ? std::nullopt : std::optional(Facts{{"caregiver_phone", phone}});
    }
    if (topic == "caregiver_permission") return caregiver_permission(text, yes_no);
    if (topic == "language") return language(text, yes_no);
    if (topic == "voicemail_ok") {
        const auto allowed = permission(padded_words(text), yes_no);
        if (!allowed) return std::nullopt;
        return Facts{{"voicemail_ok", *allowed}};
    }
    return std::nullopt;
}

Facts hear_asides(std::string_view topic, std::string_view text) {
    const auto padded = padded_words(text);
    Facts facts;
    if (has_any(padded, {"hard of hearing", "hearing aid", "hearing aids", "trouble hearing", "cant hear", "dont hear",
                         "hard to hear", "deaf", "speak up", "louder"}))
        facts["hearing_difficulty"] = true;
    if (has_any(padded, {"text me", "text message", "text messages", "a text", "texts", "texting"}))
        facts["preferred_way"] = std::string("text message");
    else if (has_any(padded, {"email me", "e mail me", "an email", "an e mail", "by email", "by e mail"}))
        facts["preferred_way"] = std::string("e-mail");
    else if (has_any(padded, {"a letter", "by letter", "by mail"}))
        facts["preferred_way"] = std::string("letter");
    if (topic.starts_with("caregiver") || topic == "identity") return facts;
    if (const auto phone = phone_in(words_of(text)); !phone.empty()) facts["best_phone"] = phone;
    return facts;
}

Facts hear_corrections(std::string_view text, std::optional<bool> yes_no) {
    const auto padded = padded_words(text);
    const bool corrects = yes_no == false ||
                          has_any(padded, {"actually", "instead", "change", "rather", "wrong", "not", "dont", "make it",
                                           "meant", "should be", "prefer", "i said", "can we", "could you"});
    Facts facts;
    if (!corrects) return facts;
    const auto take = [&](std::string_view topic, std::optional<bool> answer) {
        if (const auto heard = hear_preference(topic, text, answer)) merge(facts, *heard);
    };
    const bool of_time = has_any(padded, {"morning", "mornings", "afternoon", "afternoons", "evening", "evenings",
                                          "oclock", "am", "pm", "noon", "weekends", "weekdays"}) ||
                         !days_in(words_of(text)).preferred.empty() || !days_in(words_of(text)).excluded.empty();
    if (of_time) take("preferred_time", std::nullopt);
    if (names_language(padded)) take("language", std::nullopt);
    if (!facts.contains("language") && has_any(padded, {"message", "messages", "voicemail", "voicemails"}))
        take("voicemail_ok", std::nullopt);
    if (has_phrase(padded, "record*"))
        if (const auto allowed = permission(padded, std::nullopt)) facts["consent_recording"] = *allowed;
    if (has_any(padded, {"talk to", "talk with", "speak to", "speak with"}))
        if (const auto may = discussing(padded); may == false) facts["caregiver_may_discuss"] = false;
    return facts;
}

std::string language_name(std::string_view code) {
    const auto found = std::ranges::find(languages, code, &std::pair<std::string_view, std::string_view>::second);
    if (found == languages.end()) return std::string(code);
    std::string name(found->first);
    name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
    return name;
}

}  // namespace carevoice::domain::dialogue
