// Server-sent events as chat servers write them, out of bytes that may be split anywhere.
#pragma once

#include "core/error.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace carevoice::ai {

/// WHATWG HTML, section 9.2, without event names and ids, and with an ear for servers that break off to report an error
/// in plain JSON. Lines end with LF, CR or CRLF. Not thread-safe.
class EventStream {
public:
    /// A line, an event or the stray text may have `bytes_max` each.
    explicit EventStream(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// Errc::corrupt over the limit.
    Result<> feed(std::string_view bytes);
    /// No more bytes come: what is there counts, even without its line end.
    Result<> end();

    /// The data of the next event; its lines are joined by LF.
    std::optional<std::string> next();
    /// What stands outside of events: lines that are no fields, each with an LF.
    [[nodiscard]] const std::string& stray() const noexcept { return stray_; }

private:
    Result<> take_line();
    void dispatch();

    const std::size_t bytes_max_;
    std::string line_;
    std::string data_;
    bool has_data_ = false;
    bool after_cr_ = false;  ///< an LF now belongs to the line end before it
    std::string stray_;
    std::deque<std::string> events_;
};

}  // namespace carevoice::ai
