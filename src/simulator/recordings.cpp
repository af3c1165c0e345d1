#include "simulator/recordings.h"

#include "simulator/rest_api.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace carevoice::simulator {

namespace json = boost::json;

namespace {

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end > 0) words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

json::object to_json(const RecordingEntry& entry, const std::string& account) {
    return {{"sid", entry.sid},
            {"account_sid", account},
            {"call_sid", entry.call_sid},
            {"status", entry.status},
            {"channels", static_cast<std::int64_t>(entry.channels)},
            {"source", "StartCallRecordingAPI"},
            {"duration", std::to_string(entry.duration_seconds)},
            {"start_time", format_rfc2822(entry.began_at)},
            {"price", nullptr},
            {"api_version", "2010-04-01"},
            {"uri", "/2010-04-01/Accounts/" + account + "/Recordings/" + entry.sid + ".json"}};
}

bool cut_suffix(std::string& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.resize(text.size() - suffix.size());
    return true;
}

}  // namespace

net::FormFields callback_fields(const RecordingEntry& entry) {
    return {{"RecordingSid", entry.sid},
            {"RecordingStatus", entry.status},
            {"RecordingDuration", std::to_string(entry.duration_seconds)},
            {"RecordingChannels", std::to_string(entry.channels)},
            {"RecordingStartTime", format_rfc2822(entry.began_at)},
            {"RecordingSource", "StartCallRecordingAPI"},
            {"RecordingTrack", "both"}};
}

void RecordingBook::add(RecordingEntry entry) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(std::move(entry));
    ++made_;
}

std::optional<RecordingEntry> RecordingBook::find(const std::string& sid) const {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(entries_, sid, &RecordingEntry::sid);
    if (found == entries_.end()) return std::nullopt;
    return *found;
}

std::vector<RecordingEntry> RecordingBook::of_call(const std::string& call_sid) const {
    const std::lock_guard lock(mutex_);
    std::vector<RecordingEntry> found;
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry)
        if (entry->call_sid == call_sid) found.push_back(*entry);
    return found;
}

std::size_t RecordingBook::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

std::size_t RecordingBook::made() const {
    const std::lock_guard lock(mutex_);
    return made_;
}

void RecordingBook::change(const std::string& sid, const std::function<void(RecordingEntry&)>& change) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(entries_, sid, &RecordingEntry::sid);
    if (found != entries_.end()) change(*found);
}

bool RecordingBook::erase(const std::string& sid) {
    const std::lock_guard lock(mutex_);
    return std::erase_if(entries_, [&](const RecordingEntry& entry) { return entry.sid == sid; }) > 0;
}

RecordingApi::RecordingApi(const TwilioOptions& options, CallBook& calls, RecordingBook& recordings, FaultBox& faults,
                           Switchboard& switchboard, Random& random)
    : options_(options),
      calls_(calls),
      recordings_(recordings),
      faults_(faults),
      switchboard_(switchboard),
      random_(random) {}

void RecordingApi::add_routes(net::Router& router) {
    const auto on = [&](const char* method, const std::string& path, Handler handler) {
        const net::Router::Handler answered = [this, handler](net::HttpRequest request) {
            return answer(handler, std::move(request));
        };
        router.on(method, "/2010-04-01/Accounts/{account}" + path, answered);
    };
    for (const auto* method : {"GET", "POST"}) on(method, "/Calls/{call}/Recordings.json", &RecordingApi::of_call);
    on("POST", "/Calls/{call}/Recordings/{recording}", &RecordingApi::stop);
    for (const auto* method : {"GET", "DELETE"}) on(method, "/Recordings/{recording}", &RecordingApi::of_recording);
}

async::Task<net::HttpResponse> RecordingApi::answer(Handler handler, net::HttpRequest request) {
    if (!is_authorised(options_, request)) co_return rest_error(401, 20003, "Authenticate");
    if (request.path_param("account") != options_.account_sid) co_return rest_not_found(request.path);
    co_return (this->*handler)(request);
}

net::HttpResponse RecordingApi::of_call(const net::HttpRequest& request) {
    const auto call = calls_.find(std::string(request.path_param("call")));
    if (!call) return rest_not_found(request.path);
    if (request.method == "POST") {
        const auto form = net::parse_form(request.body);
        return form.has_value() ? start(*call, *form) : rest_error(400, 20001, "The body is not a form");
    }
    json::array list;
    for (const auto& entry : recordings_.of_call(call->sid)) list.push_back(to_json(entry, options_.account_sid));
    return rest_json(200, json::object{{"recordings", list}, {"page", 0}, {"next_page_uri", nullptr}});
}

net::HttpResponse RecordingApi::start(const CallRecord& call, const net::FormFields& form) {
    if (faults_.draw(&Faults::recording_refused) || call.status != "in-progress")
        return rest_error(400, 21220, "Requested resource is not eligible for recording");
    RecordingEntry entry;
    entry.sid = "RE" + random_.hex(16);
    entry.call_sid = call.sid;
    entry.channels = net::find_field(form, "RecordingChannels") == "dual" ? 2 : 1;
    entry.callback = std::string(net::find_field(form, "RecordingStatusCallback").value_or(""));
    entry.events = words_of(net::find_field(form, "RecordingStatusCallbackEvent").value_or("completed"));
    entry.began = std::chrono::steady_clock::now();
    entry.began_at = wall_now();
    const auto body = to_json(entry, options_.account_sid);
    const auto sid = entry.sid;
    recordings_.add(std::move(entry));
    switchboard_.recording_changed(call.sid, sid, false);
    return rest_json(201, body);
}

net::HttpResponse RecordingApi::stop(const net::HttpRequest& request) {
    const auto form = net::parse_form(request.body);
    if (!form || net::find_field(*form, "Status") != "stopped") return rest_error(400, 20001, "Only stopping is known");
    for (const auto& entry : recordings_.of_call(std::string(request.path_param("call")))) {
        if (entry.status != "in-progress") continue;
        switchboard_.recording_changed(entry.call_sid, entry.sid, true);
        return rest_json(200, to_json(entry, options_.account_sid));
    }
    return rest_not_found(request.path);
}

net::HttpResponse RecordingApi::of_recording(const net::HttpRequest& request) {
    std::string name(request.path_param("recording"));
    const bool wants_audio = cut_suffix(name, ".wav");
    if (!wants_audio) cut_suffix(name, ".json");
    const auto entry = recordings_.find(name);
    if (!entry) return rest_not_found(request.path);
    if (request.method == "DELETE") {
        if (entry->status == "in-progress") return rest_error(400, 21220, "The recording is still in progress");
        recordings_.erase(name);
        net::HttpResponse response;
        response.status = 204;
        return response;
    }
    if (!wants_audio) return rest_json(200, to_json(*entry, options_.account_sid));
    if (entry->status != "completed") return rest_not_found(request.path);
    return net::text_response(200, "audio/x-wav", entry->wav);
}

}  // namespace carevoice::simulator
