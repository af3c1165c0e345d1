#include "domain/clinical/numbers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace carevoice::domain::clinical {

namespace {

struct Reading {
    double fahrenheit = 0;
    std::size_t first = 0;
    std::size_t last = 0;
};

bool plausible_f(double value) {
    return value >= 93.0 && value <= 108.0;
}
bool plausible_c(double value) {
    return value >= 34.0 && value <= 42.0;
}

std::optional<double> as_fahrenheit(double value) {
    if (plausible_f(value)) return value;
    if (plausible_c(value)) return value * 9.0 / 5.0 + 32.0;
    return std::nullopt;
}

std::string_view word(const Tokens& tokens, std::size_t at) {
    return at < tokens.size() ? std::string_view(tokens[at].text) : std::string_view();
}

std::optional<int> digit(std::string_view text) {
    constexpr std::array<std::string_view, 10> names = {"zero", "one", "two",   "three", "four",
                                                        "five", "six", "seven", "eight", "nine"};
    if (text == "oh" || text == "o") return 0;
    if (text.size() == 1 && text[0] >= '0' && text[0] <= '9') return text[0] - '0';
    const auto found = std::find(names.begin(), names.end(), text);
    return found == names.end() ? std::nullopt : std::optional(static_cast<int>(found - names.begin()));
}

// Words that make the digit before them something else: "ninety-nine two days ago".
bool counts_something(std::string_view text) {
    constexpr auto units = std::to_array<std::string_view>({"days", "day", "hours", "hour", "minutes", "times", "weeks",
                                                            "pills", "tablets", "oclock", "am", "pm", "nights"});
    return std::find(units.begin(), units.end(), text) != units.end();
}

// Digit by digit: "one oh one five", "one oh one point five", "nine nine point two".
std::optional<Reading> spelled(const Tokens& tokens, std::size_t at) {
    std::string digits;
    std::size_t end = at;
    std::size_t point = 0;
    while (end < tokens.size() && digits.size() < 5 && (end == at || tokens[end].before != Break::sentence)) {
        if (word(tokens, end) == "point" && point == 0 && !digits.empty()) {
            point = digits.size();
        } else if (const auto value = digit(word(tokens, end)); value && !counts_something(word(tokens, end + 1))) {
            digits.push_back(static_cast<char>('0' + *value));
        } else {
            break;
        }
        ++end;
    }
    if (digits.size() < 2) return std::nullopt;
    const std::size_t whole = point > 0 ? point : digits.front() == '1' ? 3 : 2;
    if (digits.size() < whole || digits.size() > whole + 2) return std::nullopt;
    std::string text = digits.substr(0, whole);
    if (digits.size() > whole) text += "." + digits.substr(whole);
    const auto fahrenheit = as_fahrenheit(std::stod(text));
    if (!fahrenheit) return std::nullopt;
    return Reading{*fahrenheit, at, end - 1};
}

std::optional<Reading> spoken(const Tokens& tokens, std::size_t at) {
    const auto number = number_at(tokens, at);
    if (!number) return std::nullopt;
    double value = number->value;
    std::size_t last = number->last;
    const bool run_together = value > 200 && std::floor(value) == value && word(tokens, at).size() >= 3;
    if (run_together && as_fahrenheit(value / 10)) return Reading{*as_fahrenheit(value / 10), at, last};
    if (!as_fahrenheit(value)) return std::nullopt;
    // "ninety-eight six", "a hundred and one five", "101 5"
    const bool whole = std::floor(value) == value;
    const auto tenth = digit(word(tokens, last + 1));
    const bool adjoining = tenth && tokens[last + 1].before != Break::sentence;
    if (whole && adjoining && !counts_something(word(tokens, last + 2)) && word(tokens, last + 2) != "or" &&
        word(tokens, last + 1) != "o") {
        value += *tenth / 10.0;
        ++last;
    }
    return Reading{*as_fahrenheit(value), at, last};
}

bool has_mention(const NumberContext& context, std::string_view entry, std::size_t first, std::size_t last) {
    return std::any_of(context.mentions.begin(), context.mentions.end(), [&](const Mention& mention) {
        return context.lexicon.entry(mention.owner).name == entry && mention.first >= first && mention.last <= last;
    });
}

// In an answer about something else a number is a temperature only with a word for it near by.
bool meant_as_temperature(const NumberContext& context, const Reading& reading) {
    bool pointed = false;
    for (std::size_t i = reading.first; i <= reading.last; ++i) {
        const std::string& text = context.tokens[i].text;
        pointed = pointed || text == "point" || text.find('.') != std::string::npos;
    }
    const std::size_t from = reading.first > 8 ? reading.first - 8 : 0;
    const std::size_t to = std::min(context.tokens.size() - 1, reading.last + 4);
    const bool something_else = std::any_of(context.mentions.begin(), context.mentions.end(), [&](const Mention& said) {
        return context.lexicon.entry(said.owner).name == "cue.not_temperature" && said.first <= reading.last &&
               said.last >= reading.first;
    });
    if (something_else) return false;
    if (context.question == "fever") return true;
    if (has_mention(context, "cue.temperature", from, to)) return true;
    return pointed && reading.fahrenheit >= 99.0 && context.question != "pain_score" && context.question != "weight";
}

}  // namespace

std::optional<Measured> read_temperature_f(const NumberContext& context) {
    const Tokens& tokens = context.tokens;
    std::optional<Measured> highest;
    for (std::size_t at = 0; at < tokens.size();) {
        if (!is_numeric(tokens[at].text)) {
            ++at;
            continue;
        }
        std::optional<Reading> reading = spelled(tokens, at);
        const auto composed = spoken(tokens, at);
        if (composed && (!reading || composed->last > reading->last)) reading = composed;
        if (!reading) {
            ++at;
            continue;
        }
        at = reading->last + 1;
        const Assertion assertion = context.assertions.of(reading->first, reading->last);
        const bool limit =
            has_mention(context, "cue.at_most", reading->first > 4 ? reading->first - 4 : 0, reading->first);
        const bool current = !assertion.historical() && !assertion.recent && !assertion.supposed && !assertion.other;
        if (!current || (assertion.denied && !limit) || !meant_as_temperature(context, *reading)) continue;
        const double rounded = std::round(reading->fahrenheit * 10.0) / 10.0;
        if (!highest || rounded > highest->value) {
            highest = Measured{rounded, reading->first, reading->last, assertion.doubtful};
        }
    }
    return highest;
}

}  // namespace carevoice::domain::clinical
