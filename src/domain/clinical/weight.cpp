// What the scale said on two days, and how much that is up.
#include "domain/clinical/numbers.h"

#include <algorithm>
#include <array>

namespace carevoice::domain::clinical {

namespace {

constexpr double lightest = 70;
constexpr double heaviest = 500;

template <std::size_t Size>
bool among(const std::array<std::string_view, Size>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

enum class When : std::uint8_t { unsaid, now, yesterday, earlier };

struct Weight {
    double pounds = 0;
    std::size_t first = 0;
    std::size_t last = 0;
    When when = When::unsaid;
};

// "184", "a hundred and eighty-four", "one eighty-four", "two oh four".
std::optional<Weight> weight_at(const Tokens& tokens, std::size_t at) {
    const auto number = number_at(tokens, at);
    if (!number) return std::nullopt;
    if (number->value >= lightest && number->value <= heaviest) return Weight{number->value, at, number->last};
    std::size_t rest = number->last + 1;
    const bool hundreds = number->last == at && number->value >= 1 && number->value <= 4;
    const auto follows = [&](std::size_t i) { return i < tokens.size() && tokens[i].before == Break::none; };
    if (!hundreds || !follows(rest)) return std::nullopt;
    const bool zero = tokens[rest].text == "oh" || tokens[rest].text == "zero";
    if (zero) ++rest;
    const auto below = follows(rest) ? number_at(tokens, rest) : std::nullopt;
    if (!below || (zero ? below->value > 9 : below->value < 10 || below->value > 99)) return std::nullopt;
    return Weight{number->value * 100 + below->value, at, below->last};
}

// The words around it, up to a comma, an "and" or the next number.
When day_of(const Tokens& tokens, const Weight& weight) {
    constexpr auto parts = std::to_array<std::string_view>({"and", "but"});
    constexpr auto now = std::to_array<std::string_view>({"now", "today", "am", "this", "tonight"});
    constexpr auto earlier = std::to_array<std::string_view>(
        {"was", "were", "before", "last", "from", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
         "sunday", "ago", "started", "discharge", "left", "home", "weighed"});
    const auto apart = [&](std::size_t i) { return among(parts, tokens[i].text) || is_numeric(tokens[i].text); };
    std::size_t from = weight.first;
    while (from > 0 && tokens[from].before == Break::none && !apart(from - 1)) --from;
    std::size_t to = weight.last + 1;
    while (to < tokens.size() && tokens[to].before == Break::none && !apart(to)) ++to;
    bool past = false;
    for (std::size_t i = from; i < to; ++i) {
        if (tokens[i].text == "yesterday") return When::yesterday;
        if (among(now, tokens[i].text)) return When::now;
        past = past || among(earlier, tokens[i].text);
    }
    return past ? When::earlier : When::unsaid;
}

}  // namespace

std::optional<Measured> read_weight_gain(const NumberContext& context) {
    constexpr double most_a_day = 2;
    constexpr double most_a_week = 5;
    const Tokens& tokens = context.tokens;
    std::optional<Weight> before;
    std::optional<Weight> now;
    for (std::size_t at = 0; at < tokens.size();) {
        auto weight = weight_at(tokens, at);
        if (!weight) {
            ++at;
            continue;
        }
        at = weight->last + 1;
        const Assertion assertion = context.assertions.of(weight->first, weight->last);
        if (assertion.denied || assertion.supposed || assertion.other) continue;
        weight->when = day_of(tokens, *weight);
        if (weight->when == When::now) now = weight;
        if (weight->when == When::yesterday || weight->when == When::earlier) before = weight;
    }
    if (!before || !now) return std::nullopt;
    const double gain = now->pounds - before->pounds;
    const bool too_much = before->when == When::yesterday ? gain > most_a_day : gain >= most_a_week;
    if (!too_much) return std::nullopt;
    return Measured{gain, std::min(before->first, now->first), std::max(before->last, now->last), false};
}

}  // namespace carevoice::domain::clinical
