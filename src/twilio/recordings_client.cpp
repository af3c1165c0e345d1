#include "core/text.h"
#include "twilio/call_recordings.h"
#include "twilio/rest_answer.h"

#include <chrono>
#include <span>
#include <utility>

namespace carevoice::twilio {

namespace {

namespace json = boost::json;

SteadyTime now() {
    return std::chrono::steady_clock::now();
}

std::string account_path(const Credentials& credentials, const net::Url& base) {
    std::string path = base.path.substr(0, base.path.find('?'));
    while (path.ends_with('/')) path.pop_back();
    return path + "/2010-04-01/Accounts/" + net::encode_component(credentials.account_sid);
}

std::string basic_auth(const Credentials& credentials) {
    const std::string pair = credentials.account_sid + ":" + credentials.auth_token;
    return "Basic " + base64_encode(std::as_bytes(std::span(pair)));
}

class RecordingsClient final : public CallRecordings {
public:
    RecordingsClient(const Credentials& credentials, net::Url base_url, net::HttpClient& http, Metrics& metrics)
        : authorization_(basic_auth(credentials)),
          account_(account_path(credentials, base_url)),
          origin_(std::move(base_url)),
          http_(http),
          metrics_(metrics) {}

    async::Task<Result<std::string>> start(CallSid call, std::string callback_url, Deadline deadline) override {
        const net::FormFields form{{"RecordingChannels", "dual"},
                                   {"RecordingStatusCallback", std::move(callback_url)},
                                   {"RecordingStatusCallbackMethod", "POST"},
                                   // In one value, unlike StatusCallbackEvent.
                                   {"RecordingStatusCallbackEvent", "in-progress completed absent"}};
        auto request = post(of_call(call) + "/Recordings.json", form);
        const auto body = co_await asked("start_recording", Effect::create, std::move(request), deadline);
        if (body.has_error()) co_return body.error();
        auto sid = string_field(*body, "sid");
        if (sid.empty()) co_return Error{Errc::timed_out, "Twilio records but gave no sid"};
        co_return sid;
    }

    async::Task<Result<>> stop(CallSid call, Deadline deadline) override {
        const net::FormFields form{{"Status", "stopped"}};
        auto request = post(of_call(call) + "/Recordings/Twilio.CURRENT.json", form);
        const auto body = co_await asked("stop_recording", Effect::repeatable, std::move(request), deadline);
        if (body.has_error()) co_return body.error();
        co_return Result<>{};
    }

    async::Task<Result<std::string>> find(CallSid call, Deadline deadline) override {
        auto request = make("GET", of_call(call) + "/Recordings.json");
        const auto body = co_await asked("find_recording", Effect::read, std::move(request), deadline);
        if (body.has_error()) co_return body.error();
        const auto* const object = body->if_object();
        const auto* const list = object != nullptr ? object->if_contains("recordings") : nullptr;
        if (list == nullptr || !list->is_array()) co_return Error{Errc::corrupt, "Twilio's list has no recordings"};
        // The newest comes first.
        for (const auto& one : list->get_array())
            if (auto sid = string_field(one, "sid"); !sid.empty()) co_return sid;
        co_return Error{Errc::not_found, "Twilio has no recording of this call (yet)"};
    }

    async::Task<Result<std::string>> fetch(std::string recording_sid, Deadline deadline) override {
        auto request = make("GET", of_recording(recording_sid) + ".wav");
        request.headers.set("Accept", "audio/x-wav");
        const SteadyTime began = now();
        auto response = co_await http_.send(origin_, std::move(request), deadline);
        auto audio = judge_audio(std::move(response));
        count("fetch_recording", audio.has_value() ? "ok" : to_string(audio.error().code), began);
        co_return audio;
    }

    async::Task<Result<>> remove(std::string recording_sid, Deadline deadline) override {
        auto request = make("DELETE", of_recording(recording_sid) + ".json");
        const auto body = co_await asked("delete_recording", Effect::repeatable, std::move(request), deadline);
        if (body.has_error() && body.error().code != Errc::not_found) co_return body.error();
        co_return Result<>{};
    }

private:
    [[nodiscard]] std::string of_call(const CallSid& call) const {
        return account_ + "/Calls/" + net::encode_component(call.str());
    }
    [[nodiscard]] std::string of_recording(const std::string& sid) const {
        return account_ + "/Recordings/" + net::encode_component(sid);
    }

    [[nodiscard]] net::HttpRequest make(std::string method, std::string target) const {
        net::HttpRequest request;
        request.method = std::move(method);
        request.target = std::move(target);
        request.headers.add("Authorization", authorization_);
        request.headers.add("Accept", "application/json");
        return request;
    }

    [[nodiscard]] net::HttpRequest post(std::string target, const net::FormFields& form) const {
        auto request = make("POST", std::move(target));
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        request.body = net::encode_form(form);
        return request;
    }

    async::Task<Result<json::value>> asked(std::string_view operation, Effect effect, net::HttpRequest request,
                                           Deadline deadline) {
        const SteadyTime began = now();
        const auto response = co_await http_.send(origin_, std::move(request), deadline);
        auto body = response.has_value() ? judge(effect, *response)
                                         : Result<json::value>(judge_transport(effect, response.error()));
        count(operation, body.has_value() ? "ok" : to_string(body.error().code), began);
        co_return body;
    }

    static Result<std::string> judge_audio(Result<net::HttpResponse> response) {
        if (response.has_error()) return judge_transport(Effect::read, response.error());
        if (response->status != 200) {
            auto refusal = judge(Effect::read, *response);
            if (refusal.has_error()) return refusal.error();
            return Error{Errc::corrupt, "Twilio answered " + std::to_string(response->status) + " and no audio"};
        }
        // A gateway's page with a good status is not audio.
        if (!response->body.starts_with("RIFF")) return Error{Errc::unavailable, "what Twilio sent is no WAVE file"};
        return std::move(response->body);
    }

    void count(std::string_view operation, std::string_view outcome, SteadyTime began) {
        metrics_.add("carevoice_twilio_requests_total", {{"operation", operation}, {"outcome", outcome}});
        const std::chrono::duration<double> took = now() - began;
        metrics_.observe_seconds("carevoice_twilio_seconds", took.count(), {{"operation", operation}});
    }

    const std::string authorization_;
    const std::string account_;
    const net::Url origin_;
    net::HttpClient& http_;
    Metrics& metrics_;
};

}  // namespace

std::unique_ptr<CallRecordings> make_recordings_client(const Credentials& credentials, net::Url base_url,
                                                       net::HttpClient& http, Metrics& metrics) {
    return std::make_unique<RecordingsClient>(credentials, std::move(base_url), http, metrics);
}

}  // namespace carevoice::twilio
