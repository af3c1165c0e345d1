#include "core/time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace carevoice {

namespace {

namespace chr = std::chrono;

constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekday_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/// Reads exactly `count` digits at the front of `text` and removes them.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    int value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + count, value);
    if (failure != std::errc{} || end != text.data() + count || text.front() == '-') return std::nullopt;
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<chr::year_month_day> take_date(std::string_view& text) {
    const auto year = take_digits(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    const auto month = take_digits(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = take_digits(text, 2);
    if (!day) return std::nullopt;
    const chr::year_month_day date{chr::year{*year}, chr::month{static_cast<unsigned>(*month)},
                                   chr::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return date;
}

std::optional<milliseconds> take_time_of_day(std::string_view& text) {
    const auto hour = take_digits(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    const auto minute = take_digits(text, 2);
    if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
    const auto second = take_digits(text, 2);
    if (!second || *second > 60) return std::nullopt;
    return chr::hours(*hour) + chr::minutes(*minute) + chr::seconds(*second);
}

/// Fraction of a second, truncated to milliseconds. An absent fraction is zero.
std::optional<milliseconds> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return milliseconds{0};
    int value = 0;
    std::size_t digits = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        if (digits < 3) value = value * 10 + (text.front() - '0');
        ++digits;
        text.remove_prefix(1);
    }
    if (digits == 0 || digits > 9) return std::nullopt;
    for (std::size_t i = digits; i < 3; ++i) value *= 10;
    return milliseconds{value};
}

/// "Z", "+02:00" or, for RFC 2822, "+0200".
std::optional<chr::minutes> take_offset(std::string_view& text, bool with_colon) {
    if (with_colon && (take(text, 'Z') || take(text, 'z'))) return chr::minutes{0};
    const bool negative = take(text, '-');
    if (!negative && !take(text, '+')) return std::nullopt;
    const auto hours = take_digits(text, 2);
    if (!hours || *hours > 23 || (with_colon && !take(text, ':'))) return std::nullopt;
    const auto minutes = take_digits(text, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    const auto offset = chr::hours(*hours) + chr::minutes(*minutes);
    return negative ? -offset : offset;
}

std::optional<WallTime> rfc3339(std::string_view text) {
    const auto date = take_date(text);
    if (!date || (!take(text, 'T') && !take(text, 't'))) return std::nullopt;
    const auto time = take_time_of_day(text);
    if (!time) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    const auto offset = take_offset(text, true);
    if (!offset || !text.empty()) return std::nullopt;
    return WallTime{chr::sys_days{*date}} + *time + *fraction - *offset;
}

std::optional<WallTime> rfc2822(std::string_view text) {
    if (const auto comma = text.find(", "); comma != std::string_view::npos) text.remove_prefix(comma + 2);
    const auto space = text.find(' ');
    if (space == std::string_view::npos || space == 0 || space > 2) return std::nullopt;
    const auto day = take_digits(text, space);
    if (!day || !take(text, ' ') || text.size() < 4) return std::nullopt;
    const auto* const month = std::ranges::find(month_names, text.substr(0, 3));
    if (month == month_names.end()) return std::nullopt;
    text.remove_prefix(3);
    if (!take(text, ' ')) return std::nullopt;
    const auto year = take_digits(text, 4);
    if (!year || !take(text, ' ')) return std::nullopt;
    const auto time = take_time_of_day(text);
    if (!time || !take(text, ' ')) return std::nullopt;
    const auto offset = take_offset(text, false);
    if (!offset || !text.empty()) return std::nullopt;
    const auto month_number = static_cast<unsigned>(month - month_names.begin()) + 1;
    const chr::year_month_day date{chr::year{*year}, chr::month{month_number}, chr::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return WallTime{chr::sys_days{date}} + *time - *offset;
}

}  // namespace

WallTime SystemClock::wall_now() const {
    return chr::floor<milliseconds>(chr::system_clock::now());
}
SteadyTime SystemClock::steady_now() const {
    return chr::steady_clock::now();
}

milliseconds Deadline::left(SteadyTime now) const {
    return passed(now) ? milliseconds{0} : chr::ceil<milliseconds>(at_ - now);
}

Deadline Deadline::at_most(milliseconds from_now, SteadyTime now) const {
    return Deadline(std::min(at_, now + from_now));
}

std::string format_rfc3339(WallTime time) {
    const auto day = chr::floor<chr::days>(time);
    const chr::hh_mm_ss<milliseconds> clock{time - day};
    std::array<char, 40> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "%sT%02d:%02d:%02d.%03dZ", format_date(day).c_str(),
                      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

Result<WallTime> parse_rfc3339(std::string_view text) {
    if (const auto time = rfc3339(text)) return *time;
    return Error{Errc::invalid_input, "not an RFC 3339 time such as 2026-11-22T09:05:07Z"};
}

Result<WallTime> parse_rfc2822(std::string_view text) {
    if (const auto time = rfc2822(text)) return *time;
    return Error{Errc::invalid_input, "not an RFC 2822 time such as Tue, 14 Oct 2025 15:04:05 +0000"};
}

std::string format_rfc2822(WallTime time) {
    const auto day = chr::floor<chr::days>(time);
    const chr::year_month_day date{day};
    const chr::hh_mm_ss<milliseconds> clock{time - day};
    std::array<char, 48> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
                      weekday_names[chr::weekday{day}.c_encoding()].data(), static_cast<unsigned>(date.day()),
                      month_names[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
                      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

Result<chr::year_month_day> parse_date(std::string_view text) {
    if (const auto date = take_date(text); date && text.empty()) return *date;
    return Error{Errc::invalid_input, "not a calendar date such as 1957-03-14"};
}

std::string format_date(chr::year_month_day date) {
    std::array<char, 24> text{};
    const int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace carevoice
