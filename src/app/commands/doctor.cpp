#include "app/commands/commands.h"
#include "app/prometheus_metrics.h"
#include "app/protocols.h"
#include "audio/voice_activity.h"
#include "core/random.h"
#include "net/client.h"
#include "speech/whisper_engine.h"
#include "storage/repositories.h"
#include "storage/session_store.h"
#include "twilio/rest_client.h"
#include "twilio/signature.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <filesystem>
#include <ostream>
#include <sstream>

namespace carevoice::app {

namespace asio = async::asio;

namespace {

using namespace std::chrono_literals;

/// Prints one line a check and remembers whether any failed.
class Report {
public:
    explicit Report(std::ostream& out) : out_(out) {}
    void good(std::string_view what, std::string_view detail = "") { line("ok     ", what, detail); }
    void note(std::string_view what, std::string_view remedy) { line("note   ", what, remedy); }
    void bad(std::string_view what, std::string_view remedy) {
        line("WRONG  ", what, remedy);
        failed_ = true;
    }
    [[nodiscard]] bool failed() const noexcept { return failed_; }

private:
    void line(std::string_view mark, std::string_view what, std::string_view detail) {
        out_ << mark << what;
        if (!detail.empty()) out_ << ": " << detail;
        out_ << '\n';
    }
    std::ostream& out_;
    bool failed_ = false;
};

void check_protocols(Report& report) {
    const auto reader = load_clinical_reader();
    if (reader.has_error()) return report.bad("protocols", reader.error().detail);
    const auto dialogue = load_dialogue(**reader);
    if (dialogue.has_error()) return report.bad("protocols", dialogue.error().detail);
    report.good("protocols");
}

void check_database(Report& report, const Settings& settings) {
    std::error_code ignored;
    std::filesystem::create_directories(settings.data_dir, ignored);
    const auto opened = storage::open_database(settings.effective_database_url(), 1);
    if (opened.has_error()) return report.bad("database", opened.error().detail);
    report.good("database");
}

void check_session_store(Report& report, const Settings& settings, Metrics& metrics) {
    if (settings.redis_url.empty()) return report.note("session store", "in this process; several need REDIS_URL");
    const SystemClock clock;
    const auto opened = storage::open_sessions(settings.redis_url, {}, clock, metrics);
    if (opened.has_error()) return report.bad("session store", opened.error().detail);
    report.good("session store");
}

void check_models(Report& report, const Settings& settings, Metrics& metrics) {
    if (settings.stt_provider != "whisper") {
        report.note("speech model", "not needed with STT_PROVIDER=" + settings.stt_provider);
        return;
    }
    const auto engine = speech::load_whisper({.model = settings.whisper_model_path()}, metrics);
    if (engine.has_error())
        report.bad("speech model", engine.error().detail + "; run ./dev setup or put the file there");
    else
        report.good("speech model", settings.whisper_model_path().string());
    const auto detectors = audio::load_silero_pool(settings.vad_model_path(), 1);
    if (detectors.has_error())
        report.bad("voice activity model", detectors.error().detail + "; run ./dev setup");
    else
        report.good("voice activity model");
}

template <class T>
T run(asio::io_context& context, async::Task<T> work) {
    auto done = asio::co_spawn(context, std::move(work), asio::use_future);
    context.restart();
    context.run();
    return done.get();
}

void check_twilio(Report& report, const Settings& settings, net::HttpClient& http, Metrics& metrics,
                  asio::io_context& context) {
    if (settings.twilio_account_sid.empty() || settings.twilio_auth_token.empty() ||
        settings.twilio_phone_number.empty())
        return report.bad("Twilio", "set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_PHONE_NUMBER");
    const auto telephony =
        twilio::make_rest_client({settings.twilio_account_sid, settings.twilio_auth_token},
                                 net::parse_url(settings.twilio_api_base_url).value(), http, metrics);
    const auto account = run(context, telephony->account(Deadline::in(10s)));
    if (account.has_error()) return report.bad("Twilio credentials", account.error().detail);
    if (account->status != "active") return report.bad("Twilio account", "its status is " + account->status);
    report.good("Twilio credentials", account->type + " account");
}

void check_public_url(Report& report, const Settings& settings, net::HttpClient& http, asio::io_context& context) {
    if (settings.twilio_webhook_url.empty())
        return report.bad("public URL",
                          "set TWILIO_WEBHOOK_URL to the https origin at which Twilio reaches this service");
    auto url = net::parse_url(settings.twilio_webhook_url).value();
    if (url.scheme != "https")
        report.note("public URL", "Twilio opens media streams to wss: only, so the origin must be https");
    net::HttpRequest request;
    request.target = "/health";
    const auto answer = run(context, http.send(std::move(url), std::move(request), Deadline::in(10s)));
    if (answer.has_error())
        return report.bad("public URL", "no answer from " + settings.twilio_webhook_url + "/health (" +
                                            answer.error().detail +
                                            "); is `carevoice serve` running, and does the proxy reach it?");
    if (answer->status != 200 || answer->body.find("live_calls") == std::string::npos)
        return report.bad("public URL", settings.twilio_webhook_url + "/health is answered by something else (status " +
                                            std::to_string(answer->status) + ")");
    report.good("public URL", settings.twilio_webhook_url);
}

int explain_signature(const DoctorCommand& command, const Settings& settings, std::ostream& out) {
    const auto form = net::parse_form(command.form);
    if (form.has_error()) {
        out << "--form is not a form body: " << form.error().detail << '\n';
        return 2;
    }
    if (settings.twilio_auth_token.empty()) {
        out << "set TWILIO_AUTH_TOKEN: signatures are made with it\n";
        return 1;
    }
    twilio::SignedRequest request;
    request.url = command.url;
    request.params = *form;
    request.websocket = command.url.starts_with("ws");
    if (const auto matched = twilio::matching_url({settings.twilio_auth_token}, request, command.signature)) {
        out << "the signature fits " << *matched << '\n';
        return 0;
    }
    out << "the signature fits none of these:\n";
    for (const auto& candidate : twilio::candidate_urls(command.url, request.websocket))
        out << "  " << candidate << '\n';
    // The usual mistakes: the scheme or the host of a proxy, or another token.
    const auto with_scheme = [&](std::string_view scheme) {
        const auto rest = command.url.find("://");
        return rest == std::string::npos ? command.url : std::string(scheme) + command.url.substr(rest);
    };
    for (const auto* const scheme : {"https", "http", "wss", "ws"}) {
        request.url = with_scheme(scheme);
        request.websocket = request.url.starts_with("ws");
        if (const auto matched = twilio::matching_url({settings.twilio_auth_token}, request, command.signature)) {
            out << "but it fits " << *matched << ": set TWILIO_WEBHOOK_URL to that origin\n";
            return 1;
        }
    }
    out << "either TWILIO_AUTH_TOKEN is another account's, or the form was changed on the way\n";
    return 1;
}

}  // namespace

int doctor(const DoctorCommand& command, std::ostream& out) {
    Report report(out);
    std::ostringstream complaints;
    const auto settings = read_settings(command.env_file, complaints);
    if (!settings) {
        out << complaints.str();
        report.bad("settings", "correct the lines above");
        return 1;
    }
    if (!command.signature.empty()) return explain_signature(command, *settings, out);
    out << complaints.str();
    report.good("settings");

    asio::io_context context;
    SystemRandom random;
    PrometheusMetrics metrics;
    net::HttpClient http(context.get_executor(), {}, random, metrics);
    check_protocols(report);
    check_database(report, *settings);
    check_session_store(report, *settings, metrics);
    check_models(report, *settings, metrics);
    check_twilio(report, *settings, http, metrics, context);
    check_public_url(report, *settings, http, context);
    auto stop = [](net::HttpClient& client) -> async::Task<Result<>> {
        co_await client.stop();
        co_return Result<>{};
    };
    (void)run(context, stop(http));
    return report.failed() ? 1 : 0;
}

}  // namespace carevoice::app
