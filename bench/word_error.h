// Word error rate on text whose numbers are written as the recogniser pleases.
#pragma once

#include "speech/text_filter.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carevoice::bench {

namespace detail {

struct NumberWord {
    std::string_view word;
    int value;
};

inline constexpr std::array<NumberWord, 57> number_words = {{
    {"zero", 0},         {"oh", 0},          {"one", 1},         {"two", 2},        {"three", 3},
    {"four", 4},         {"five", 5},        {"six", 6},         {"seven", 7},      {"eight", 8},
    {"nine", 9},         {"ten", 10},        {"eleven", 11},     {"twelve", 12},    {"thirteen", 13},
    {"fourteen", 14},    {"fifteen", 15},    {"sixteen", 16},    {"seventeen", 17}, {"eighteen", 18},
    {"nineteen", 19},    {"twenty", 20},     {"thirty", 30},     {"forty", 40},     {"fifty", 50},
    {"sixty", 60},       {"seventy", 70},    {"eighty", 80},     {"ninety", 90},    {"first", 1},
    {"second", 2},       {"third", 3},       {"fourth", 4},      {"fifth", 5},      {"sixth", 6},
    {"seventh", 7},      {"eighth", 8},      {"ninth", 9},       {"tenth", 10},     {"eleventh", 11},
    {"twelfth", 12},     {"thirteenth", 13}, {"fourteenth", 14}, {"fifteenth", 15}, {"sixteenth", 16},
    {"seventeenth", 17}, {"eighteenth", 18}, {"nineteenth", 19}, {"twentieth", 20}, {"thirtieth", 30},
    {"seventies", 70},   {"eighties", 80},   {"nineties", 90},   {"once", -1},      {"won", -1},
    {"ate", -1},         {"hundredth", 100},
}};

inline int number_of(std::string_view word) {
    for (const auto& entry : number_words)
        if (entry.word == word) return entry.value;
    return -1;
}

/// The digits of "98.6", "14th", "1957"; empty for other words.
inline std::string digits_of(std::string_view word) {
    for (const std::string_view ending : {"st", "nd", "rd", "th"})
        if (word.size() > 2 && word.ends_with(ending)) word.remove_suffix(2);
    std::string digits;
    for (const char c : word) {
        if (c >= '0' && c <= '9')
            digits += c;
        else if (c != '.')
            return {};
    }
    return digits;
}

}  // namespace detail

/// Spellings that sound alike are one: "that's" and "that is", "okay" and "ok".
inline void add_word(std::vector<std::string>& out, const std::string& word) {
    struct Spelling {
        std::string_view ending;
        std::string_view as_word;
    };
    static constexpr std::array<Spelling, 4> endings = {{{"'s", "is"}, {"'m", "am"}, {"'re", "are"}, {"'ll", "will"}}};
    for (const auto& [ending, as_word] : endings) {
        if (word.size() <= ending.size() || !word.ends_with(ending)) continue;
        out.push_back(word.substr(0, word.size() - ending.size()));
        out.emplace_back(as_word);
        return;
    }
    out.push_back(word == "okay" ? "ok" : word == "puss" ? "pus" : word);
}

/// Words to compare: lower case, hums dropped, and a run of numbers as one word of its digits, so that "nineteen
/// fifty-seven", "19 57" and "1957" agree, "a hundred and one point eight" and "101.8", "nine to eleven" and "9-11".
inline std::vector<std::string> comparable_words(std::string_view text) {
    static constexpr std::array<std::string_view, 12> hums = {"uh",  "um",  "er", "erm", "mm", "hm",
                                                              "mhm", "hmm", "ah", "huh", "oh", "mmm"};
    std::vector<std::string> out;
    std::string run;  // digits of the numbers so far
    int open = -1;    // a number that may still grow: twenty, one hundred
    const auto close_number = [&] {
        if (open >= 0) run += std::to_string(open);
        open = -1;
    };
    const auto close_run = [&] {
        close_number();
        if (!run.empty()) out.push_back(std::exchange(run, {}));
    };
    const auto words = speech::plain_words(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        const bool in_number = open >= 0 || !run.empty();
        const bool number_next =
            i + 1 < words.size() && (detail::number_of(words[i + 1]) >= 0 || !detail::digits_of(words[i + 1]).empty());
        if (word == "oh" && !in_number && !number_next) continue;
        if (const int value = detail::number_of(word); value >= 0) {
            const bool grows = (open >= 20 && open < 100 && open % 10 == 0 && value > 0 && value < 10) ||
                               (open >= 100 && open % 100 == 0 && value < 100);
            if (grows) {
                open += value;
            } else {
                close_number();
                open = value;
            }
        } else if (const std::string digits = detail::digits_of(word); !digits.empty()) {
            close_number();
            run += digits;
        } else if (word == "hundred") {
            open = (open > 0 ? open : 1) * 100;
        } else if (in_number && (word == "point" || word == "and" || word == "to") && number_next) {
            if (word != "and") close_number();
        } else if (word == "a" && i + 1 < words.size() && words[i + 1] == "hundred") {
            continue;
        } else if (std::ranges::find(hums, word) == hums.end()) {
            close_run();
            add_word(out, word);
        }
    }
    close_run();
    return out;
}

/// Substitutions, insertions and deletions (Levenshtein).
inline std::size_t word_errors(const std::vector<std::string>& said, const std::vector<std::string>& heard) {
    std::vector<std::size_t> row(heard.size() + 1);
    for (std::size_t j = 0; j <= heard.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= said.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= heard.size(); ++j) {
            const std::size_t substituted = diagonal + (said[i - 1] == heard[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row.back();
}

}  // namespace carevoice::bench
