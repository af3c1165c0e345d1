// Recordings of simulated calls, and the part of Twilio's REST API about them.
#pragma once

#include "async/task.h"
#include "core/random.h"
#include "core/time.h"
#include "net/server.h"
#include "simulator/call_record.h"
#include "simulator/line_event.h"
#include "simulator/options.h"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace carevoice::simulator {

struct RecordingEntry {
    std::string sid;
    std::string call_sid;
    std::string status = "in-progress";  ///< or "completed", "absent"
    std::size_t channels = 2;
    std::string callback;
    std::vector<std::string> events;  ///< "in-progress", "completed", "absent": what the callback wants to hear
    SteadyTime began{};
    WallTime began_at{};
    int duration_seconds = 0;
    std::string wav;  ///< once completed
};

/// The form of Twilio's callback about it, but for what every callback of the call has.
net::FormFields callback_fields(const RecordingEntry& entry);

/// All recordings of the account. Thread-safe.
class RecordingBook {
public:
    void add(RecordingEntry entry);
    [[nodiscard]] std::optional<RecordingEntry> find(const std::string& sid) const;
    /// Newest first.
    [[nodiscard]] std::vector<RecordingEntry> of_call(const std::string& call_sid) const;
    /// How many there are, those that were deleted left aside.
    [[nodiscard]] std::size_t size() const;
    /// How many there ever were.
    [[nodiscard]] std::size_t made() const;
    void change(const std::string& sid, const std::function<void(RecordingEntry&)>& change);
    bool erase(const std::string& sid);

private:
    mutable std::mutex mutex_;
    std::vector<RecordingEntry> entries_;
    std::size_t made_ = 0;
};

class Switchboard;

/// POST and GET Calls/{call}/Recordings.json, POST Calls/{call}/Recordings/Twilio.CURRENT.json, GET and DELETE
/// Recordings/{recording}. Thread-safe. All references outlive it.
class RecordingApi {
public:
    RecordingApi(const TwilioOptions& options, CallBook& calls, RecordingBook& recordings, FaultBox& faults,
                 Switchboard& switchboard, Random& random);

    void add_routes(net::Router& router);

private:
    using Handler = net::HttpResponse (RecordingApi::*)(const net::HttpRequest&);

    async::Task<net::HttpResponse> answer(Handler handler, net::HttpRequest request);
    net::HttpResponse of_call(const net::HttpRequest& request);
    net::HttpResponse start(const CallRecord& call, const net::FormFields& form);
    net::HttpResponse stop(const net::HttpRequest& request);
    net::HttpResponse of_recording(const net::HttpRequest& request);

    const TwilioOptions& options_;
    CallBook& calls_;
    RecordingBook& recordings_;
    FaultBox& faults_;
    Switchboard& switchboard_;
    Random& random_;
};

}  // namespace carevoice::simulator
