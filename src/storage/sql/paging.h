// Cursors: where a list goes on, as opaque text that survives a URL unescaped.
#pragma once

#include "core/error.h"
#include "storage/repositories.h"

#include <string>
#include <string_view>

namespace carevoice::storage::sql {

/// After the item with this id, in a list by id.
std::string id_cursor(std::string_view id);
/// invalid_input naming "cursor". An empty cursor gives an empty id.
Result<std::string> read_id_cursor(std::string_view cursor);

/// A place in a list by time and id.
struct TimePlace {
    long long time_ms = 0;
    std::string id;
};

/// After the item of this place, in a list with the newest first.
std::string time_cursor(const TimePlace& place);
/// invalid_input naming "cursor". An empty cursor gives a place later than any item.
Result<TimePlace> read_time_cursor(std::string_view cursor);

/// invalid_input naming "limit" unless it is 1 to 200.
Result<> check_limit(const PageRequest& page);

}  // namespace carevoice::storage::sql
