#include "domain/dialogue/spoken_date.h"

#include "domain/dialogue/words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <vector>

namespace carevoice::domain::dialogue {
namespace {

constexpr std::array<std::string_view, 12> months{"january",   "february", "march",    "april",
                                                  "may",       "june",     "july",     "august",
                                                  "september", "october",  "november", "december"};

/// One unit of a spoken date: a month by name, or a number.
struct Unit {
    bool is_month = false;
    int value = 0;
};

using Units = std::vector<Unit>;

/// A date with the year as it was said: 57 or 1957.
struct SaidDate {
    int month = 0;
    int day = 0;
    int year = 0;
};

std::optional<int> month_named(std::string_view word) {
    if (word == "sept") return 9;
    for (std::size_t i = 0; i < months.size(); ++i)
        if (word == months[i] || (word.size() == 3 && months[i].starts_with(word))) return static_cast<int>(i) + 1;
    return std::nullopt;
}

bool is_filler(std::string_view word) {
    constexpr std::array<std::string_view, 15> fillers{"the", "of", "and", "uh",  "um", "th", "st",  "nd",
                                                       "rd",  "in", "er",  "day", "a",  "on", "well"};
    return std::ranges::find(fillers, word) != fillers.end();
}

int to_int(std::string_view digits) {
    int value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value;
}

/// Every way to cut a long run of digits into days, months and years: "1130" -> 1130 | 11 30 | 1 130 ...
void split_digits(std::string_view digits, const Units& head, std::vector<Units>& out) {
    if (out.size() > 64) return;
    if (digits.empty()) {
        out.push_back(head);
        return;
    }
    for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{4}}) {
        if (size > digits.size() || head.size() >= 3) continue;
        const int value = to_int(digits.substr(0, size));
        if (size == 4 && (value < 1900 || value > 2099)) continue;
        Units next = head;
        next.push_back({.value = value});
        split_digits(digits.substr(size), next, out);
    }
}

/// Says "seventy" "four" as 74; "thirty" "first" as 31.
bool joins(const Units& units, bool last_was_tens_word, int value) {
    return last_was_tens_word && !units.empty() && value >= 1 && value <= 9;
}

/// The text as alternatives of unit runs; a run ends at a word that cannot be part of a date.
std::vector<std::vector<Units>> runs_of(std::string_view text) {
    std::vector<std::vector<Units>> runs;
    std::vector<Units> run{{}};
    bool after_tens = false;
    const auto finish = [&] {
        if (!run.front().empty()) runs.push_back(run);
        run = {{}};
        after_tens = false;
    };
    const auto append = [&](const std::vector<Units>& alternatives) {
        std::vector<Units> grown;
        for (const auto& head : run)
            for (const auto& tail : alternatives) {
                if (grown.size() >= 64) break;
                grown.push_back(head);
                grown.back().insert(grown.back().end(), tail.begin(), tail.end());
            }
        run = std::move(grown);
    };
    for (const auto& word : words_of(text)) {
        if (std::isdigit(static_cast<unsigned char>(word.front())) != 0) {
            std::vector<Units> alternatives;
            if (word.size() <= 8) split_digits(word, {}, alternatives);
            if (alternatives.empty()) {
                finish();
            } else {
                append(alternatives);
            }
            after_tens = false;
        } else if (const auto number = number_word(word)) {
            if (joins(run.front(), after_tens, *number)) {
                for (auto& units : run) units.back().value += *number;
                after_tens = false;
            } else {
                append({{Unit{.value = *number}}});
                after_tens = *number >= 20;
            }
        } else if (const auto month = month_named(word)) {
            append({{Unit{.is_month = true, .value = *month}}});
            after_tens = false;
        } else if (word == "thousand" || word == "hundred") {
            const int factor = word == "thousand" ? 1000 : 100;
            for (auto& units : run)
                if (!units.empty()) units.back().value *= factor;
            after_tens = false;
        } else if (!is_filler(word)) {
            finish();
        }
    }
    finish();
    return runs;
}

struct Read {
    int value = 0;
    std::size_t next = 0;
};

/// A number at `at`; "oh five" counts as 5.
std::optional<Read> small_at(const Units& units, std::size_t at) {
    if (at >= units.size() || units[at].is_month) return std::nullopt;
    if (units[at].value != 0) return Read{units[at].value, at + 1};
    if (at + 1 < units.size() && !units[at + 1].is_month && units[at + 1].value < 10)
        return Read{units[at + 1].value, at + 2};
    return std::nullopt;
}

/// "nineteen fifty-seven", "nineteen oh five", "nineteen hundred", "two thousand one", "1957", "57".
std::vector<Read> years_at(const Units& units, std::size_t at) {
    std::vector<Read> years;
    if (at >= units.size() || units[at].is_month) return years;
    const auto value_at = [&](std::size_t i) { return i < units.size() && !units[i].is_month ? units[i].value : -1; };
    const int first = units[at].value;
    const int second = value_at(at + 1);
    if (first == 19 || first == 20) {
        if (second >= 10 && second <= 99) years.push_back({first * 100 + second, at + 2});
        if (second == 0 && value_at(at + 2) >= 0 && value_at(at + 2) <= 9)
            years.push_back({first * 100 + value_at(at + 2), at + 3});
    }
    if ((first == 1900 || first == 2000) && second >= 1 && second <= 99) years.push_back({first + second, at + 2});
    if (first >= 1900 && first <= 2099) years.push_back({first, at + 1});
    if (first == 0 && second >= 0 && second <= 9) years.push_back({second, at + 2});
    if (first >= 0 && first <= 99) years.push_back({first, at + 1});
    return years;
}

/// "Fourteen" and "forty" sound alike on a telephone, and so do the other teens; no month has forty days.
int day_heard_as(int value) {
    const bool is_teen = value >= 40 && value <= 90 && value % 10 == 0;
    return is_teen ? 10 + value / 10 : value;
}

bool is_plausible(int month, int day) {
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/// Every whole date that begins exactly at `at`.
std::vector<SaidDate> dates_at(const Units& units, std::size_t at) {
    std::vector<SaidDate> dates;
    const auto add = [&](int month, int heard, std::size_t year_at) {
        const int day = day_heard_as(heard);
        if (!is_plausible(month, day)) return;
        for (const auto& year : years_at(units, year_at)) dates.push_back({month, day, year.value});
    };
    if (units[at].is_month) {
        if (const auto day = small_at(units, at + 1)) add(units[at].value, day->value, day->next);
        return dates;
    }
    const auto first = small_at(units, at);
    if (!first) return dates;
    if (first->next < units.size() && units[first->next].is_month) {
        add(units[first->next].value, first->value, first->next + 1);
        return dates;
    }
    if (const auto day = small_at(units, first->next)) {
        add(first->value, day->value, day->next);
        if (first->value > 12) add(day->value, first->value, day->next);
    }
    return dates;
}

bool is_same(const SaidDate& said, std::chrono::year_month_day expected) {
    const int year = static_cast<int>(expected.year());
    return said.month == static_cast<int>(static_cast<unsigned>(expected.month())) &&
           said.day == static_cast<int>(static_cast<unsigned>(expected.day())) &&
           (said.year == year || (said.year < 100 && said.year == year % 100));
}

}  // namespace

DateHeard hear_date(std::string_view text, std::chrono::year_month_day expected) {
    // Two minutes of speech: nobody needs longer for a date, and what is longer must not keep others waiting.
    constexpr std::size_t bytes_max = 2'000;
    text = text.substr(0, bytes_max);
    auto heard = DateHeard::nothing;
    for (const auto& run : runs_of(text)) {
        bool any = false;
        bool fits = false;
        for (const auto& units : run)
            for (std::size_t at = 0; at < units.size(); ++at)
                for (const auto& date : dates_at(units, at)) {
                    any = true;
                    fits = fits || is_same(date, expected);
                }
        if (any) heard = fits ? DateHeard::matching : DateHeard::other;
    }
    return heard;
}

}  // namespace carevoice::domain::dialogue
