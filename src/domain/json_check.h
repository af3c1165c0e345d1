// Reading checked data files: every getter names the file and the entry when something is wrong.
#pragma once

#include "core/error.h"

#include <boost/json/object.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain::data {

/// Thrown while loading only and turned into Errc::corrupt at the edge of the loader.
class DataFault : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// One object of a data file. Remembers which members were asked for, so that a misspelt one is found.
class Entry {
public:
    /// `where` names the file and the entry in faults. `object` outlives the entry.
    Entry(const boost::json::object& object, std::string where);

    [[noreturn]] void fail(std::string_view what) const;
    [[nodiscard]] const std::string& where() const noexcept { return where_; }

    std::string text(std::string_view name);  ///< required, not empty
    std::string text_or(std::string_view name, std::string_view fallback);
    std::int64_t number_or(std::string_view name, std::int64_t fallback, std::int64_t least, std::int64_t most);
    std::optional<double> number(std::string_view name);
    bool flag_or(std::string_view name, bool fallback);
    std::optional<bool> flag(std::string_view name);
    std::vector<std::string> texts(std::string_view name);  ///< required, not empty, no empty text
    std::vector<std::string> texts_or_none(std::string_view name);
    std::vector<std::int64_t> numbers_or_none(std::string_view name, std::int64_t least, std::int64_t most);
    std::vector<Entry> entries_or_none(std::string_view name);
    std::optional<Entry> entry_or_none(std::string_view name);

    /// Every member was asked for, else a fault.
    void finish() const;
    [[nodiscard]] const boost::json::object& object() const noexcept { return *object_; }

private:
    const boost::json::value* find(std::string_view name);

    const boost::json::object* object_;
    std::string where_;
    std::vector<std::string> asked_;
};

/// The document's top-level object; DataFault when it is none. `storage` keeps it alive.
const boost::json::object& parse_document(std::string_view file, std::string_view text, boost::json::value& storage);

}  // namespace carevoice::domain::data
