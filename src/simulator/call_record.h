// A call as Twilio's REST API shows it, and the requests that create one.
#pragma once

#include "core/error.h"
#include "core/random.h"
#include "core/time.h"
#include "net/http.h"

#include <boost/json/object.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace carevoice::simulator {

/// An entry of Twilio's error log: what a real account would show in its debugger.
struct CallNote {
    int code = 0;
    std::string text;
};

struct CallRecord {
    std::string sid;
    std::string account_sid;
    std::string to;
    std::string from;
    std::string status = "queued";
    std::string answered_by;  ///< empty until a verdict
    WallTime created{};
    WallTime updated{};
    std::optional<WallTime> started;  ///< answered
    std::optional<WallTime> ended;
    std::optional<int> duration_seconds;
    std::vector<CallNote> notes;

    // From the create request.
    std::string url;
    std::string method = "POST";
    std::string twiml;
    std::string fallback_url;
    std::string status_callback;
    std::vector<std::string> status_events;  ///< "initiated", "ringing", "answered", "completed"
    milliseconds ring_timeout{60'000};
    milliseconds time_limit{4 * 3600 * 1000};
    std::string machine_detection;  ///< "", "Enable", "DetectMessageEnd"
    bool async_detection = false;
    std::string detection_callback;
};

[[nodiscard]] bool is_over(const CallRecord& call) noexcept;

/// Reads the form of POST Calls.json. Errc::invalid_input with Twilio's number in provider_code.
Result<CallRecord> read_create(const net::FormFields& form, const std::string& own_number);

boost::json::object to_json(const CallRecord& call);

/// All calls of the account. Thread-safe.
class CallBook {
public:
    void add(CallRecord record);
    [[nodiscard]] std::optional<CallRecord> find(const std::string& sid) const;
    /// Newest first.
    [[nodiscard]] std::vector<CallRecord> all() const;
    /// Applies `change` to the call, when it exists, and stamps it as updated.
    void change(const std::string& sid, const std::function<void(CallRecord&)>& change);

private:
    mutable std::mutex mutex_;
    std::vector<std::string> order_;
    std::map<std::string, CallRecord> calls_;
};

WallTime wall_now();

}  // namespace carevoice::simulator
