#include "domain/clinical/numbers.h"

#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace carevoice::domain::clinical {

namespace {

constexpr std::array<std::string_view, 20> small = {
    "zero", "one",    "two",    "three",    "four",     "five",    "six",     "seven",     "eight",    "nine",
    "ten",  "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 8> tens = {"twenty", "thirty",  "forty",  "fifty",
                                                  "sixty",  "seventy", "eighty", "ninety"};

struct Cursor {
    const Tokens& tokens;
    std::size_t at;

    [[nodiscard]] std::string_view word(std::size_t ahead = 0) const {
        const std::size_t i = at + ahead;
        if (i >= tokens.size()) return {};
        if (ahead > 0 && tokens[i].before == Break::sentence) return {};
        return tokens[i].text;
    }
};

std::optional<int> small_value(std::string_view word) {
    for (std::size_t i = 0; i < small.size(); ++i) {
        if (small[i] == word) return static_cast<int>(i);
    }
    return std::nullopt;
}

std::optional<int> tens_value(std::string_view word) {
    for (std::size_t i = 0; i < tens.size(); ++i) {
        if (tens[i] == word) return static_cast<int>(i + 2) * 10;
    }
    return std::nullopt;
}

std::optional<double> digits_value(std::string_view word) {
    if (word.empty() || word.front() < '0' || word.front() > '9') return std::nullopt;
    double value = 0;
    const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (failed != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return value;
}

// 0 to 99 in words: how many words it took, and its value.
std::optional<std::pair<std::size_t, int>> below_hundred(const Cursor& cursor, std::size_t ahead) {
    if (const auto value = small_value(cursor.word(ahead))) return std::pair{std::size_t{1}, *value};
    const auto ten = tens_value(cursor.word(ahead));
    if (!ten) return std::nullopt;
    const auto unit = small_value(cursor.word(ahead + 1));
    const bool joined = unit && *unit >= 1 && *unit <= 9 && cursor.tokens[cursor.at + ahead + 1].before == Break::none;
    return joined ? std::pair{std::size_t{2}, *ten + *unit} : std::pair{std::size_t{1}, *ten};
}

// "point five", "point two five", "and a half": added to a whole number.
std::pair<std::size_t, double> fraction(const Cursor& cursor, std::size_t ahead) {
    if (cursor.word(ahead) == "point") {
        double scale = 0.1;
        double value = 0;
        std::size_t used = 1;
        while (used <= 2) {
            std::optional<double> digit;
            if (const auto spoken = small_value(cursor.word(ahead + used)); spoken && *spoken <= 9) digit = *spoken;
            if (cursor.word(ahead + used) == "oh") digit = 0;
            if (const auto written = digits_value(cursor.word(ahead + used)); written && *written <= 9) digit = written;
            if (!digit) break;
            value += *digit * scale;
            scale /= 10;
            ++used;
        }
        return used == 1 ? std::pair{std::size_t{0}, 0.0} : std::pair{used, value};
    }
    if (cursor.word(ahead) == "and" && cursor.word(ahead + 1) == "a" && cursor.word(ahead + 2) == "half") {
        return {3, 0.5};
    }
    if (cursor.word(ahead) == "and" && cursor.word(ahead + 1) == "half") return {2, 0.5};
    if (cursor.word(ahead) == "half" || cursor.word(ahead) == "5th") return {0, 0.0};
    return {0, 0.0};
}

}  // namespace

std::optional<Number> number_at(const Tokens& tokens, std::size_t at) {
    const Cursor cursor{tokens, at};
    std::size_t used = 0;
    double value = 0;
    bool compound = false;
    if (const auto written = digits_value(cursor.word())) {
        value = *written;
        used = 1;
        compound = value > 10;
    } else if (cursor.word() == "hundred") {
        value = 100;
        used = 1;
        compound = true;
    } else if (const auto words = below_hundred(cursor, 0)) {
        used = words->first;
        value = words->second;
        compound = value > 12;
        if (cursor.word(used) == "hundred") {
            value *= 100;
            ++used;
            compound = true;
        }
    } else {
        return std::nullopt;
    }
    if (compound && value >= 100 && tokens[at + used - 1].text == "hundred") {
        const std::size_t skip = cursor.word(used) == "and" ? 1 : 0;
        if (const auto rest = below_hundred(cursor, used + skip)) {
            value += rest->second;
            used += skip + rest->first;
        }
    }
    const auto [extra, part] = fraction(cursor, used);
    return Number{value + part, at, at + used + extra - 1, compound};
}

}  // namespace carevoice::domain::clinical
