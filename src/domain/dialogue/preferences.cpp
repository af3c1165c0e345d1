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

std::vector<std::string> excluded_days(std::string_view padded) {
    std::vector<std::string> excluded;
    for (const auto day : days) {
        const auto name = to_lower_ascii(day);
        for (const std::string& form : {name, name + "s"})
            for (const auto* before : {"not ", "not on ", "no ", "but ", "except ", "except on ", "never ", "never on ",
                                       "but not ", "but not on ", "other than ", "apart from "})
                if (has_phrase(padded, before + form) &&
                    std::ranges::find(excluded, std::string(day)) == excluded.end())
                    excluded.emplace_back(day);
    }
    if (has_any(padded, {"not on weekends", "no weekends", "not weekends", "weekdays", "except weekends"})) {
        excluded.emplace_back("Saturday");
        excluded.emplace_back("Sunday");
    }
    return excluded;
}

std::optional<Facts> preferred_time(std::string_view text) {
    const auto padded = padded_words(text);
    const bool morning = has_any(padded, {"morning", "mornings", "am"});
    const bool afternoon = has_any(padded, {"afternoon", "afternoons"});
    const bool evening = has_any(padded, {"evening", "evenings", "tonight", "night"});
    const bool any_time = has_any(padded, {"anytime", "any time", "whenever", "doesnt matter", "any day"});
    const auto hours = hours_in(words_of(text), morning, afternoon || evening);
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
    const auto excluded = excluded_days(padded);
    if (end <= start || end > 24) {
        if (excluded.empty()) return std::nullopt;
        start = 8, end = 20;
    }
    Facts facts{{"preferred_start", clock(start)}, {"preferred_end", clock(end)}};
    if (!excluded.empty()) facts["excluded_days"] = excluded;
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

std::optional<Facts> caregiver(std::string_view text, std::optional<bool> yes_no) {
    const auto padded = padded_words(text);
    const auto words = words_of(text);
    Facts facts;
    if (const auto name = name_in(text); !name.empty()) facts["caregiver_name"] = name;
    for (const auto relation : relations)
        if (has_phrase(padded, relation) && !facts.contains("caregiver_relation"))
            facts["caregiver_relation"] = std::string(relation);
    if (const auto phone = phone_in(words); !phone.empty()) facts["caregiver_phone"] = phone;
    const bool somebody = facts.contains("caregiver_relation") || facts.contains("caregiver_phone");
    if (!somebody &&
        (yes_no == false || has_any(padded, {"nobody", "no one", "none", "myself", "live alone", "dont have"})))
        return Facts{};
    if (!somebody && facts.empty()) return std::nullopt;
    if (has_any(padded,
                {"dont talk", "do not talk", "not talk", "dont speak", "do not speak", "dont tell", "not to speak"}))
        facts["caregiver_may_discuss"] = false;
    else if (has_any(padded, {"talk", "speak", "discuss", "tell", "talk to", "anything"}))
        facts["caregiver_may_discuss"] = true;
    return facts;
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
    if (topic == "language") return language(text, yes_no);
    if (topic == "voicemail_ok") {
        const auto allowed = permission(padded_words(text), yes_no);
        if (!allowed) return std::nullopt;
        return Facts{{"voicemail_ok", *allowed}};
    }
    return std::nullopt;
}

}  // namespace carevoice::domain::dialogue
