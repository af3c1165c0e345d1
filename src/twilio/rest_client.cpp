#include "twilio/rest_client.h"

#include "core/random.h"
#include "core/text.h"
#include "twilio/rest_answer.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

namespace carevoice::twilio {

namespace {

namespace json = boost::json;

constexpr int attempts_max = 3;
constexpr milliseconds first_wait{200};
constexpr milliseconds longest_wait{3'000};
constexpr std::size_t twiml_characters_max = 4'000;    // error 32018 above
constexpr std::size_t message_characters_max = 1'600;  // error 21617 above
constexpr int list_pages_max = 20;

SteadyTime now() {
    return std::chrono::steady_clock::now();
}

Error refused(Errc code, std::string detail, std::string field) {
    return Error{code, std::move(detail), std::move(field)};
}

std::string path_prefix(const net::Url& base) {
    std::string path = base.path.substr(0, base.path.find('?'));
    while (path.ends_with('/')) path.pop_back();
    return path;
}

std::string basic_auth(const Credentials& credentials) {
    const std::string pair = credentials.account_sid + ":" + credentials.auth_token;
    return "Basic " + base64_encode(std::as_bytes(std::span(pair)));
}

net::FormFields create_form(const CallRequest& call) {
    net::FormFields form{{"To", call.to},
                         {"From", call.from},
                         {"Url", call.voice_url},
                         {"Method", "POST"},
                         {"Timeout", std::to_string(call.ring_seconds)},
                         {"TimeLimit", std::to_string(call.max_seconds)}};
    if (!call.status_url.empty()) {
        form.emplace_back("StatusCallback", call.status_url);
        form.emplace_back("StatusCallbackMethod", "POST");
        // Once per value: joined in one field, Twilio dials but never calls back (21626).
        for (const char* event : {"initiated", "ringing", "answered", "completed"})
            form.emplace_back("StatusCallbackEvent", event);
    }
    if (!call.amd_url.empty()) {
        form.emplace_back("MachineDetection", "DetectMessageEnd");
        form.emplace_back("AsyncAmd", "true");
        form.emplace_back("AsyncAmdStatusCallback", call.amd_url);
        form.emplace_back("AsyncAmdStatusCallbackMethod", "POST");
    }
    return form;
}

Result<> check(const CallRequest& call) {
    if (!is_e164(call.to)) return refused(Errc::invalid_input, "not an E.164 number", "to");
    if (!is_e164(call.from)) return refused(Errc::invalid_input, "not an E.164 number", "from");
    if (call.voice_url.empty()) return refused(Errc::invalid_input, "a call needs a voice URL", "voice_url");
    if (call.ring_seconds < 5 || call.ring_seconds > 600)
        return refused(Errc::invalid_input, "must be 5 to 600", "ring_seconds");
    if (call.max_seconds < 1) return refused(Errc::invalid_input, "must be positive", "max_seconds");
    return {};
}

/// When the call began, or was asked for while it has not begun. A live call without any date is too new to have one.
std::optional<WallTime> begin_of(const ListedCall& listed, WallTime if_new) {
    if (listed.call.started_at) return listed.call.started_at;
    if (listed.created_at) return listed.created_at;
    const bool is_new = listed.call.status == "queued" || listed.call.status == "ringing";
    return is_new ? std::optional(if_new) : std::nullopt;
}

class RestClient final : public Telephony {
public:
    RestClient(const Credentials& credentials, net::Url base_url, net::HttpClient& http, Metrics& metrics)
        : authorization_(basic_auth(credentials)),
          prefix_(path_prefix(base_url)),
          account_(prefix_ + "/2010-04-01/Accounts/" + net::encode_component(credentials.account_sid)),
          origin_(std::move(base_url)),
          http_(http),
          metrics_(metrics) {}

    async::Task<Result<CallSid>> create_call(CallRequest request, Deadline deadline) override {
        if (const auto valid = check(request); valid.has_error()) co_return valid.error();
        auto http_request = post(account_ + "/Calls.json", create_form(request));
        const auto body = co_await measured("create_call", Effect::create, std::move(http_request), deadline);
        if (body.has_error()) co_return body.error();
        auto sid = string_field(*body, "sid");
        if (sid.empty()) co_return Error{Errc::timed_out, "Twilio took the call but gave no sid"};
        co_return CallSid(std::move(sid));
    }

    async::Task<Result<RemoteCall>> find_call(std::string to, WallTime since, Deadline deadline) override {
        // Twilio writes whole seconds; its filter takes whole days.
        const WallTime earliest = std::chrono::floor<std::chrono::seconds>(since);
        const std::string day = format_date(std::chrono::floor<std::chrono::days>(since));
        net::FormFields begun{{"To", to}, {"StartTime>", day}, {"PageSize", "50"}};
        auto found = co_await newest_call(std::move(begun), to, earliest, deadline);
        if (found.has_value() || found.error().code != Errc::not_found) co_return found;
        // A call that still waits in Twilio's queue has no StartTime to be found by.
        net::FormFields waiting{{"To", to}, {"Status", "queued"}, {"PageSize", "50"}};
        co_return co_await newest_call(std::move(waiting), to, earliest, deadline);
    }

    async::Task<Result<RemoteCall>> fetch_call(CallSid sid, Deadline deadline) override {
        if (sid.empty()) co_return refused(Errc::invalid_input, "no call sid", "sid");
        auto request = get(call_target(sid));
        const auto body = co_await measured("fetch_call", Effect::read, std::move(request), deadline);
        if (body.has_error()) co_return body.error();
        auto listed = read_call(*body);
        if (listed.has_error()) co_return listed.error();
        co_return std::move(listed->call);
    }

    async::Task<Result<>> update_call(CallSid sid, std::string twiml, Deadline deadline) override {
        if (sid.empty()) co_return refused(Errc::invalid_input, "no call sid", "sid");
        if (count_characters(twiml) > twiml_characters_max)
            co_return refused(Errc::too_large, "TwiML of an update has at most 4,000 characters", "twiml");
        net::FormFields form{{"Twiml", std::move(twiml)}};
        auto request = post(call_target(sid), form);
        const auto body = co_await measured("update_call", Effect::change, std::move(request), deadline);
        if (body.has_error()) co_return body.error();
        co_return Result<>{};
    }

    async::Task<Result<>> end_call(CallSid sid, bool answered, Deadline deadline) override {
        if (sid.empty()) co_return refused(Errc::invalid_input, "no call sid", "sid");
        // "canceled" leaves an answered call alone, "completed" hangs it up.
        net::FormFields form{{"Status", answered ? "completed" : "canceled"}};
        auto request = post(call_target(sid), form);
        const auto body = co_await measured("end_call", Effect::repeatable, std::move(request), deadline);
        if (body.has_error()) co_return body.error();
        co_return Result<>{};
    }

    async::Task<Result<std::string>> send_message(std::string to, std::string from, std::string body,
                                                  Deadline deadline) override {
        if (!is_e164(to)) co_return refused(Errc::invalid_input, "not an E.164 number", "to");
        if (body.empty()) co_return refused(Errc::invalid_input, "a message needs text", "body");
        if (count_characters(body) > message_characters_max)
            co_return refused(Errc::too_large, "a message has at most 1,600 characters", "body");
        net::FormFields form{{"To", std::move(to)}, {"From", std::move(from)}, {"Body", std::move(body)}};
        auto request = post(account_ + "/Messages.json", form);
        const auto answer = co_await measured("send_message", Effect::create, std::move(request), deadline);
        if (answer.has_error()) co_return answer.error();
        auto sid = string_field(*answer, "sid");
        if (sid.empty()) co_return Error{Errc::timed_out, "Twilio took the message but gave no sid"};
        co_return sid;
    }

    async::Task<Result<AccountState>> account(Deadline deadline) override {
        auto request = get(account_ + ".json");
        // The body has the auth token in clear: two fields are read, the rest goes nowhere.
        const auto body = co_await measured("account", Effect::read, std::move(request), deadline);
        if (body.has_error()) co_return body.error();
        AccountState state{string_field(*body, "status"), string_field(*body, "type")};
        if (state.status.empty()) co_return Error{Errc::corrupt, "Twilio's account has no status"};
        co_return state;
    }

private:
    [[nodiscard]] std::string call_target(const CallSid& sid) const {
        return account_ + "/Calls/" + net::encode_component(sid.str()) + ".json";
    }

    [[nodiscard]] net::HttpRequest get(std::string target) const {
        net::HttpRequest request;
        request.target = std::move(target);
        request.headers.add("Authorization", authorization_);
        request.headers.add("Accept", "application/json");
        return request;
    }

    [[nodiscard]] net::HttpRequest post(std::string target, const net::FormFields& form) const {
        net::HttpRequest request = get(std::move(target));
        request.method = "POST";
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        request.body = net::encode_form(form);
        return request;
    }

    /// All attempts of one request, counted as one.
    async::Task<Result<json::value>> measured(std::string_view operation, Effect effect, net::HttpRequest request,
                                              Deadline deadline) {
        const SteadyTime began = now();
        auto result = co_await attempts(effect, std::move(request), deadline);
        const std::chrono::duration<double> took = now() - began;
        const std::string_view outcome = result.has_value() ? "ok" : to_string(result.error().code);
        metrics_.add("carevoice_twilio_requests_total", {{"operation", operation}, {"outcome", outcome}});
        metrics_.observe_seconds("carevoice_twilio_seconds", took.count(), {{"operation", operation}});
        co_return result;
    }

    async::Task<Result<json::value>> attempts(Effect effect, net::HttpRequest request, Deadline deadline) {
        // Connections that fail are the HTTP client's to repeat, refusals are ours: never both for one failure.
        const net::RetryPolicy connecting{attempts_max, first_wait, longest_wait, effect != Effect::read};
        for (int attempt = 1;; ++attempt) {
            if (deadline.passed(now())) co_return judge_transport(effect, {Errc::timed_out, "unsent: no time left"});
            auto sending = http_.send(origin_, request, deadline, connecting);
            const auto response = co_await std::move(sending);
            if (response.has_error()) co_return judge_transport(effect, response.error());
            auto body = judge(effect, *response);
            if (body.has_value() || attempt == attempts_max || !may_repeat(effect, *response)) co_return body;
            const milliseconds wait = retry_after(*response).value_or(back_off(attempt));
            if (wait >= deadline.left(now())) co_return body;
            const auto slept = co_await async::sleep_for(wait);
            if (slept.has_error()) co_return slept.error();
        }
    }

    /// Doubles from first_wait; a random half keeps many callers from returning together.
    milliseconds back_off(int attempt) {
        const milliseconds whole = std::min(first_wait * (1 << (attempt - 1)), longest_wait);
        const double part = 0.5 + random_.next_unit() / 2;
        return std::chrono::duration_cast<milliseconds>(whole * part);
    }

    async::Task<Result<RemoteCall>> newest_call(net::FormFields filter, std::string to, WallTime earliest,
                                                Deadline deadline) {
        std::optional<ListedCall> newest;
        WallTime newest_began = earliest;
        std::string target = account_ + "/Calls.json?" + net::encode_form(filter);
        for (int pages = 0; pages < list_pages_max && !target.empty(); ++pages) {
            auto request = get(std::exchange(target, {}));
            const auto body = co_await measured("find_call", Effect::read, std::move(request), deadline);
            if (body.has_error()) co_return body.error();
            auto page = read_call_page(*body);
            if (page.has_error()) co_return page.error();
            for (auto& listed : page->calls) {
                const auto began = begin_of(listed, earliest);
                if (listed.call.to != to || !began || *began < earliest) continue;
                if (!newest || *began > newest_began) {
                    newest = std::move(listed);
                    newest_began = *began;
                }
            }
            if (!page->next_page_uri.empty()) target = prefix_ + page->next_page_uri;
        }
        if (!newest) co_return Error{Errc::not_found, "Twilio knows no such call (yet)"};
        co_return std::move(newest->call);
    }

    const std::string authorization_;
    const std::string prefix_;   ///< path of the base URL, without '/' at its end
    const std::string account_;  ///< path of the account, without ".json"
    const net::Url origin_;
    net::HttpClient& http_;
    Metrics& metrics_;
    SystemRandom random_;
};

}  // namespace

std::unique_ptr<Telephony> make_rest_client(const Credentials& credentials, net::Url base_url, net::HttpClient& http,
                                            Metrics& metrics) {
    return std::make_unique<RestClient>(credentials, std::move(base_url), http, metrics);
}

}  // namespace carevoice::twilio
