#include "storage/sql/paging.h"

#include "core/text.h"

#include <algorithm>
#include <limits>
#include <span>

namespace carevoice::storage::sql {

namespace {

// The first character says what kind of list the cursor belongs to.
constexpr char by_id = 'i';
constexpr char by_time = 't';
constexpr std::size_t cursor_length_max = 1024;

Error malformed() {
    return {.code = Errc::invalid_input, .detail = "this cursor was not given by us", .field = "cursor"};
}

std::string seal(std::string_view plain) {
    std::string text = base64_encode(std::as_bytes(std::span(plain.data(), plain.size())));
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    while (text.ends_with('=')) text.pop_back();
    return text;
}

/// What follows the kind; malformed when the cursor is of another kind or none.
Result<std::string> unseal(std::string_view cursor, char kind) {
    if (cursor.size() > cursor_length_max || cursor.find_first_of("+/=") != std::string_view::npos) return malformed();
    std::string text(cursor);
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    std::vector<std::uint8_t> bytes;
    if (!base64_decode(text, bytes)) return malformed();
    std::string plain(bytes.begin(), bytes.end());
    if (plain.empty() || plain.front() != kind || !is_valid_utf8(plain)) return malformed();
    return plain.substr(1);
}

}  // namespace

std::string id_cursor(std::string_view id) {
    return seal(by_id + std::string(id));
}

Result<std::string> read_id_cursor(std::string_view cursor) {
    if (cursor.empty()) return std::string();
    return unseal(cursor, by_id);
}

std::string time_cursor(const TimePlace& place) {
    // Shifted into the natural numbers, for which the house has a strict parser.
    const auto shifted = static_cast<std::uint64_t>(place.time_ms) ^ (std::uint64_t{1} << 63U);
    return seal(by_time + std::to_string(shifted) + ":" + place.id);
}

Result<TimePlace> read_time_cursor(std::string_view cursor) {
    if (cursor.empty()) return TimePlace{.time_ms = std::numeric_limits<long long>::max(), .id = {}};
    Result<std::string> plain = unseal(cursor, by_time);
    if (!plain) return plain.error();
    const std::size_t colon = plain->find(':');
    if (colon == std::string::npos) return malformed();
    const auto shifted = parse_digits(std::string_view(*plain).substr(0, colon));
    if (!shifted) return malformed();
    return TimePlace{.time_ms = static_cast<long long>(*shifted ^ (std::uint64_t{1} << 63U)),
                     .id = plain->substr(colon + 1)};
}

Result<> check_limit(const PageRequest& page) {
    if (page.limit >= 1 && page.limit <= 200) return {};
    return Error{.code = Errc::invalid_input, .detail = "limit is 1 to 200", .field = "limit"};
}

}  // namespace carevoice::storage::sql
