#include "core/text.h"
#include "speech/listener.h"
#include "speech/text_filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace carevoice::speech {

namespace {

using Words = std::span<const std::string>;

template <std::size_t N>
using List = std::array<std::string_view, N>;

template <std::size_t N>
bool contains(const List<N>& list, std::string_view word) {
    return std::ranges::find(list, word) != list.end();
}

constexpr List<13> months = {"january", "february",  "march",   "april",    "may",      "june", "july",
                             "august",  "september", "october", "november", "december", "sept"};
constexpr List<20> small_numbers = {"zero",     "one",     "two",     "three",     "four",     "five",    "six",
                                    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
                                    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr List<8> tens = {"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr List<12> ordinals = {"first",   "second", "third", "fourth", "fifth",    "sixth",
                               "seventh", "eighth", "ninth", "tenth",  "eleventh", "twelfth"};

bool is_digits(std::string_view word) {
    return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<double> as_number(std::string_view word) {
    double value = 0;
    const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (failure != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return value;
}

/// "14" of "14th"; empty for other words.
std::string_view digits_of_ordinal(std::string_view word) {
    static constexpr List<4> endings = {"st", "nd", "rd", "th"};
    if (word.size() < 3 || !contains(endings, word.substr(word.size() - 2))) return {};
    const auto digits = word.substr(0, word.size() - 2);
    return is_digits(digits) ? digits : std::string_view{};
}

bool is_ordinal(std::string_view word) {
    return contains(ordinals, word) || word.ends_with("teenth") || word.ends_with("tieth") ||
           !digits_of_ordinal(word).empty();
}

bool is_number_word(std::string_view word) {
    return as_number(word).has_value() || contains(small_numbers, word) || contains(tens, word) || word == "hundred" ||
           word == "oh" || word == "point" || word == "half" || is_ordinal(word);
}

bool ends_with(Words words, std::string_view phrase) {
    const auto tail = plain_words(phrase);
    return words.size() >= tail.size() && std::equal(tail.rbegin(), tail.rend(), words.rbegin());
}

template <std::size_t N>
bool ends_with_any(Words words, const List<N>& phrases) {
    return std::ranges::any_of(phrases, [words](std::string_view phrase) { return ends_with(words, phrase); });
}

bool asks_for_time(Words words) {
    static constexpr List<22> phrases = {
        "let me think",  "let me see",        "let me check",     "let me look",      "let me get",
        "hold on",       "hang on",           "one second",       "one sec",          "just a second",
        "just a sec",    "a second",          "one moment",       "just a moment",    "one minute",
        "just a minute", "give me a second",  "give me a minute", "give me a moment", "wait a minute",
        "i'm thinking",  "how do i put this",
    };
    return ends_with_any(words, phrases) || (words.size() <= 2 && ends_with(words, "wait"));
}

bool trails_off(std::string_view text, Words words) {
    static constexpr List<17> never_last = {"um",  "uh", "er", "erm", "and",  "but", "because", "so", "or",
                                            "the", "a",  "an", "my",  "it's", "i'm", "about",   "uhm"};
    static constexpr List<24> rarely_last = {"with", "to",  "of",  "for",  "is",   "was",  "like", "than",
                                             "in",   "on",  "at",  "from", "that", "well", "i",    "been",
                                             "have", "had", "are", "were", "this", "when", "if",   "maybe"};
    static constexpr List<6> finished_with_so = {"think so",   "hope so",    "guess so",
                                                 "believe so", "suppose so", "say so"};
    if (text.ends_with("...") || text.ends_with("\u2026") || text.ends_with(',') || text.ends_with('-')) return true;
    const std::string& last = words.back();
    if (last == "so" && ends_with_any(words, finished_with_so)) return false;
    if (contains(never_last, last)) return true;
    const bool closed = text.ends_with('.') || text.ends_with('?') || text.ends_with('!');
    return !closed && contains(rarely_last, last);
}

bool is_plain_yes_or_no(Words words) {
    static constexpr List<26> answers = {"yes",   "yeah", "yep",     "yup",   "no",         "nope",       "nah",
                                         "sure",  "okay", "ok",      "right", "correct",    "mm",         "hmm",
                                         "mhm",   "uh",   "huh",     "fine",  "definitely", "absolutely", "please",
                                         "never", "none", "nothing", "ma'am", "sir"};
    if (words.size() > 3) return false;
    return std::ranges::all_of(words, [](const std::string& word) { return contains(answers, word); });
}

bool closes_the_topic(Words words) {
    static constexpr List<21> phrases = {
        "that's all",       "that's it",      "that is all",  "that is it",  "nothing else",      "no pain",
        "goodbye",          "bye bye",        "i'm fine",     "i'm good",    "no problems",       "not at all",
        "that's right",     "that's correct", "of course",    "that's fine", "nothing like that", "not really",
        "i don't think so", "i think so",     "i don't know",
    };
    return ends_with_any(words, phrases);
}

bool starts_with_answer(Words words) {
    static constexpr List<12> starts = {"yes", "yeah", "yep",  "yup", "no",      "nope",
                                        "nah", "sure", "okay", "ok",  "correct", "right"};
    return contains(starts, words.front());
}

Completeness judge_number(Words words) {
    if (!is_number_word(words.back())) return Completeness::sentence;
    const std::string& last = words.back();
    if (last == "point" || last == "hundred" || contains(tens, last)) return Completeness::open;
    const bool two_needed = std::ranges::find(words, "between") != words.end();
    if (two_needed && std::ranges::count_if(words, is_number_word) < 2) return Completeness::open;
    return Completeness::complete;
}

Completeness judge_temperature(Words words) {
    const std::string& last = words.back();
    if (!is_number_word(last)) return Completeness::sentence;
    const bool has_fraction = last.find('.') != std::string::npos ||
                              (words.size() >= 2 && words[words.size() - 2] == "point" && last != "point");
    if (has_fraction) return Completeness::complete;
    const auto value = as_number(last);
    // "ninety-nine ... point two": the fraction often comes late, and one digit of it may stand alone ("101 5").
    if (value && *value >= 97 && *value <= 107) return Completeness::sentence;
    if (value && *value < 10 && words.size() >= 2 && is_number_word(words[words.size() - 2]))
        return Completeness::complete;
    return Completeness::open;
}

/// How many digits a number word stands for when a date is written in digits.
std::size_t digits_in(std::string_view word) {
    if (as_number(word).has_value()) return word.size();
    if (is_ordinal(word)) return std::max<std::size_t>(1, digits_of_ordinal(word).size());
    const bool one = std::ranges::find(small_numbers, word) - small_numbers.begin() < 10;
    return one ? 1 : 2;
}

struct SpokenDate {
    bool has_month = false;
    std::size_t digits = 0;   ///< of the numbers at the end
    std::size_t numbers = 0;  ///< how many those are
    bool has_year = false;    ///< the last is a year in four digits
    bool ends_with_day = false;
};

SpokenDate date_at_end(Words words) {
    SpokenDate date;
    while (date.numbers < words.size() && is_number_word(words[words.size() - 1 - date.numbers])) {
        date.digits += digits_in(words[words.size() - 1 - date.numbers]);
        ++date.numbers;
    }
    date.has_month = date.numbers < words.size() && contains(months, words[words.size() - 1 - date.numbers]);
    const auto last = as_number(words.back());
    date.has_year = last && *last >= 1'900 && *last < 2'100;
    date.ends_with_day = is_ordinal(words.back());
    return date;
}

/// A year at the end, or enough digits for one: "March 14th, 1957", "3/14/57", "three fourteen fifty-seven". Whisper
/// often writes such digits as it pleases ("31457", "340-1957").
bool has_whole_date(Words words) {
    const SpokenDate date = date_at_end(words);
    if (date.has_year) return true;
    if (date.ends_with_day) return false;
    if (date.has_month) return date.digits >= 3;
    return date.digits >= 5 || date.numbers >= 3;
}

bool has_part_of_date(Words words) {
    return std::ranges::any_of(words, [](const std::string& word) {
        return is_number_word(word) || (contains(months, word) && word != "may" && word != "march");
    });
}

Completeness judge_date(Words words) {
    static constexpr List<14> days = {"today",    "yesterday", "tomorrow", "tonight", "monday",  "tuesday", "wednesday",
                                      "thursday", "friday",    "saturday", "sunday",  "morning", "evening", "ago"};
    if (has_whole_date(words) || contains(days, words.back())) return Completeness::complete;
    return has_part_of_date(words) ? Completeness::open : Completeness::sentence;
}

Completeness judge_identity(Words words) {
    static constexpr List<14> denials = {
        "wrong number",   "not here", "not home", "not available", "who is this", "who's this", "who's calling",
        "who is calling", "speaking", "no",       "call back",     "isn't here",  "his wife",   "her husband"};
    if (has_whole_date(words)) return Completeness::complete;
    // "8269" is 8/2/69, but "1130" the thirtieth of November.
    if (date_at_end(words).digits == 4) return Completeness::open;
    if (has_part_of_date(words)) return Completeness::thinking;
    if (ends_with_any(words, denials)) return Completeness::sentence;
    return Completeness::open;
}

Completeness judge_for(Expectation expectation, Words words) {
    switch (expectation) {
        case Expectation::number: return judge_number(words);
        case Expectation::temperature: return judge_temperature(words);
        case Expectation::date: return judge_date(words);
        case Expectation::name_and_date: return judge_identity(words);
        case Expectation::yes_no:
            // "Yes, but" and the like trail off; "No, nothing like that" has said it.
            return starts_with_answer(words) && words.size() <= 6 ? Completeness::complete : Completeness::sentence;
        case Expectation::anything:
        case Expectation::choice:
        case Expectation::story: break;
    }
    return Completeness::sentence;
}

}  // namespace

Completeness judge_completeness(std::string_view text, Expectation expectation) {
    text = trim(text);
    const auto words = plain_words(text);
    if (words.empty()) return Completeness::nothing;
    if (mentions_red_flag(text)) return Completeness::red_flag;
    if (asks_for_time(words)) return Completeness::thinking;
    if (trails_off(text, words)) return Completeness::trailing_off;
    if (expectation == Expectation::name_and_date) return judge_identity(words);
    if (is_plain_yes_or_no(words) || closes_the_topic(words)) {
        return expectation == Expectation::story ? Completeness::sentence : Completeness::complete;
    }
    const Completeness judged = judge_for(expectation, words);
    if (judged != Completeness::sentence) return judged;
    const bool closed = text.ends_with('.') || text.ends_with('?') || text.ends_with('!');
    return closed ? Completeness::sentence : Completeness::open;
}

milliseconds endpoint_wait(Completeness completeness, Expectation expectation) {
    const bool identity = expectation == Expectation::name_and_date;
    const bool story = expectation == Expectation::story;
    switch (completeness) {
        case Completeness::red_flag: return milliseconds{0};
        case Completeness::complete: return milliseconds{300};
        case Completeness::sentence: return milliseconds{identity || story ? 800 : 500};
        case Completeness::open: return milliseconds{identity ? 1'500 : story ? 1'000 : 800};
        case Completeness::nothing: return milliseconds{1'000};
        case Completeness::trailing_off: return milliseconds{identity ? 2'000 : 1'500};
        case Completeness::thinking: return milliseconds{identity ? 3'000 : 3'500};
    }
    return milliseconds{800};
}

}  // namespace carevoice::speech
