#include "storage/sql/query.h"

#include "core/text.h"

#include <algorithm>

namespace carevoice::storage::sql {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Length of the well-formed character at the start of `text`; 0 when there is none, or when it is NUL.
std::size_t character_length(std::string_view text) {
    if (text.front() == '\0') return 0;
    for (std::size_t length = 1; length <= std::min<std::size_t>(4, text.size()); ++length) {
        if (is_valid_utf8(text.substr(0, length))) return length;
    }
    return 0;
}

}  // namespace

std::string storable_text(std::string text) {
    if (is_valid_utf8(text) && text.find('\0') == std::string::npos) return text;
    std::string clean;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t length = character_length(rest);
        clean += length == 0 ? replacement : rest.substr(0, length);
        rest.remove_prefix(std::max<std::size_t>(1, length));
    }
    return clean;
}

void Query::prepare() {
    statement_.alloc();
    // Prepared for one use: PostgreSQL then takes statement and values in one message instead of three.
    statement_.prepare(sql_, soci::details::st_one_time_query);
    statement_.define_and_bind();
    started_ = true;
}

bool Query::next() {
    if (!started_) {
        prepare();
        statement_.execute(false);
    }
    return statement_.fetch();
}

long long Query::run() {
    prepare();
    statement_.execute(true);
    return statement_.get_affected_rows();
}

}  // namespace carevoice::storage::sql
