#include "simulator/call_record.h"

#include "core/text.h"
#include "net/client.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace carevoice::simulator {

namespace {

constexpr std::size_t twiml_characters_max = 4000;

Error refusal(int code, std::string detail, std::string field) {
    return Error{
        .code = Errc::invalid_input, .detail = std::move(detail), .field = std::move(field), .provider_code = code};
}

std::string field_of(const net::FormFields& form, std::string_view name, std::string_view fallback = "") {
    return std::string(net::find_field(form, name).value_or(fallback));
}

bool is_http_url(const std::string& text) {
    const auto url = net::parse_url(text);
    return url.has_value() && (url->scheme == "http" || url->scheme == "https");
}

Result<void> read_numbers(const net::FormFields& form, const std::string& own_number, CallRecord& call) {
    call.to = field_of(form, "To");
    call.from = field_of(form, "From");
    if (call.to.empty()) return refusal(21201, "No 'To' number is specified", "To");
    if (!is_e164(call.to)) return refusal(21211, "The phone number you are attempting to call is not valid", "To");
    if (call.from.empty()) return refusal(21213, "No 'From' number is specified", "From");
    if (!is_e164(call.from)) return refusal(21212, "The 'From' number is not a valid phone number", "From");
    if (call.from != own_number)
        return refusal(21210, "The source phone number provided is not yet verified for your account", "From");
    return {};
}

Result<void> read_instructions(const net::FormFields& form, CallRecord& call) {
    call.url = field_of(form, "Url");
    call.method = field_of(form, "Method", "POST");
    call.twiml = call.url.empty() ? field_of(form, "Twiml") : "";
    call.fallback_url = field_of(form, "FallbackUrl");
    if (call.url.empty() && call.twiml.empty()) return refusal(21205, "Url parameter is required", "Url");
    if (!call.url.empty() && !is_http_url(call.url)) return refusal(21205, "Url is not a valid URL", "Url");
    if (call.twiml.size() > twiml_characters_max)
        return refusal(32018, "The Twiml parameter exceeds 4000 characters", "Twiml");
    return {};
}

Result<void> read_callbacks(const net::FormFields& form, CallRecord& call) {
    static constexpr std::array<std::string_view, 4> known{"initiated", "ringing", "answered", "completed"};
    call.status_callback = field_of(form, "StatusCallback");
    if (!call.status_callback.empty() && !is_http_url(call.status_callback))
        return refusal(21609, "The StatusCallback URL is not valid", "StatusCallback");
    bool sound = true;
    for (const auto& [name, value] : form) {
        if (name != "StatusCallbackEvent") continue;
        if (std::ranges::find(known, value) == known.end())
            sound = false;
        else
            call.status_events.push_back(value);
    }
    if (!sound) {
        // Twilio makes the call all the same and only logs a warning; no callback comes.
        call.status_events.clear();
        call.status_callback.clear();
        call.notes.push_back({21626, "Invalid StatusCallbackEvent: no callbacks will be sent"});
    } else if (call.status_events.empty()) {
        call.status_events.emplace_back("completed");
    }
    return {};
}

Result<void> read_limits(const net::FormFields& form, CallRecord& call) {
    if (const auto text = net::find_field(form, "Timeout")) {
        const auto seconds = parse_digits(*text);
        if (!seconds || *seconds < 1 || *seconds > 600) return refusal(20001, "Timeout must be 1 to 600", "Timeout");
        call.ring_timeout = milliseconds{static_cast<milliseconds::rep>(*seconds) * 1000};
    }
    if (const auto text = net::find_field(form, "TimeLimit")) {
        const auto seconds = parse_digits(*text);
        if (!seconds || *seconds < 1 || *seconds > 86'400)
            return refusal(20001, "TimeLimit must be 1 to 86400", "TimeLimit");
        call.time_limit = milliseconds{static_cast<milliseconds::rep>(*seconds) * 1000};
    }
    call.machine_detection = field_of(form, "MachineDetection");
    if (!call.machine_detection.empty() && call.machine_detection != "Enable" &&
        call.machine_detection != "DetectMessageEnd")
        return refusal(20001, "MachineDetection must be Enable or DetectMessageEnd", "MachineDetection");
    call.async_detection = field_of(form, "AsyncAmd") == "true";
    call.detection_callback = field_of(form, "AsyncAmdStatusCallback");
    if (call.async_detection && call.detection_callback.empty())
        call.notes.push_back({21262, "Asynchronous machine detection without a callback"});
    return {};
}

boost::json::value text_or_null(const std::string& text) {
    if (text.empty()) return nullptr;
    return boost::json::value(text);
}

boost::json::value time_or_null(const std::optional<WallTime>& time) {
    if (!time) return nullptr;
    return boost::json::value(format_rfc2822(*time));
}

}  // namespace

WallTime wall_now() {
    return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
}

bool is_over(const CallRecord& call) noexcept {
    static constexpr std::array<std::string_view, 5> final_states{"completed", "busy", "no-answer", "failed",
                                                                  "canceled"};
    return std::ranges::find(final_states, call.status) != final_states.end();
}

Result<CallRecord> read_create(const net::FormFields& form, const std::string& own_number) {
    CallRecord call;
    if (auto read = read_numbers(form, own_number, call); !read) return read.error();
    if (auto read = read_instructions(form, call); !read) return read.error();
    if (auto read = read_callbacks(form, call); !read) return read.error();
    if (auto read = read_limits(form, call); !read) return read.error();
    return call;
}

boost::json::object to_json(const CallRecord& call) {
    const std::string folder = "/2010-04-01/Accounts/" + call.account_sid + "/Calls/" + call.sid;
    boost::json::value duration = nullptr;
    if (call.duration_seconds) duration = std::to_string(*call.duration_seconds);
    return {{"sid", call.sid},
            {"account_sid", call.account_sid},
            {"parent_call_sid", nullptr},
            {"to", call.to},
            {"to_formatted", call.to},
            {"from", call.from},
            {"from_formatted", call.from},
            {"phone_number_sid", nullptr},
            {"status", call.status},
            {"start_time", time_or_null(call.started)},
            {"end_time", time_or_null(call.ended)},
            {"duration", duration},
            {"price", nullptr},
            {"price_unit", "USD"},
            {"direction", "outbound-api"},
            {"answered_by", text_or_null(call.answered_by)},
            {"api_version", "2010-04-01"},
            {"forwarded_from", nullptr},
            {"caller_name", nullptr},
            {"group_sid", nullptr},
            {"queue_time", "0"},
            {"trunk_sid", nullptr},
            {"uri", folder + ".json"},
            {"subresource_uris", {{"recordings", folder + "/Recordings.json"}, {"streams", folder + "/Streams.json"}}},
            {"date_created", format_rfc2822(call.created)},
            {"date_updated", format_rfc2822(call.updated)}};
}

void CallBook::add(CallRecord record) {
    const std::lock_guard lock(mutex_);
    order_.push_back(record.sid);
    std::string sid = record.sid;
    calls_.insert_or_assign(std::move(sid), std::move(record));
}

std::optional<CallRecord> CallBook::find(const std::string& sid) const {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(sid);
    if (found == calls_.end()) return std::nullopt;
    return found->second;
}

std::vector<CallRecord> CallBook::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<CallRecord> calls;
    calls.reserve(order_.size());
    for (auto sid = order_.rbegin(); sid != order_.rend(); ++sid) calls.push_back(calls_.at(*sid));
    return calls;
}

void CallBook::change(const std::string& sid, const std::function<void(CallRecord&)>& change) {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(sid);
    if (found == calls_.end()) return;
    change(found->second);
    found->second.updated = wall_now();
}

}  // namespace carevoice::simulator
