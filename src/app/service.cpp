#include "app/service.h"

#include "api/router.h"
#include "app/alerts.h"
#include "app/chat.h"
#include "app/no_telephony.h"
#include "app/prometheus_metrics.h"
#include "app/protocols.h"
#include "app/recordings.h"
#include "app/shared_state.h"
#include "async/blocking_pool.h"
#include "async/task_group.h"
#include "audio/voice_activity.h"
#include "calls/call_service.h"
#include "core/log.h"
#include "net/client.h"
#include "net/server.h"
#include "speech/remote_engine.h"
#include "speech/whisper_engine.h"
#include "storage/repositories.h"
#include "twilio/rest_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <thread>

namespace carevoice::app {

namespace asio = async::asio;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t io_threads = 2;
constexpr std::size_t database_connections = 4;
constexpr std::size_t database_queue_max = 1'024;
/// Silero detectors at once: as many patients speaking in the same moment as one machine can transcribe anyway.
constexpr std::size_t voice_detectors_max = 64;

/// A second reading takes a few milliseconds; more waiting ones than this would keep their patients waiting.
constexpr std::size_t reading_queue_max = 16;

std::size_t default_stt_workers() {
    return std::max(1U, std::thread::hardware_concurrency() - 1);
}

Result<> make_folder(const std::filesystem::path& folder) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure) return Error{Errc::unavailable, "cannot make the data folder: " + failure.message(), "DATA_DIR"};
    return {};
}

}  // namespace

/// Declared in the order of dependence, so that they go in reverse.
struct Service::Rooms {
    explicit Rooms(const Settings& settings_) : settings(settings_) {}

    Result<> open_data();
    void load_speech();
    Result<> load_readers();
    void open_recordings(const std::string& origin);
    Result<> wire();
    void make_alerts(const std::string& origin);
    void make_calls(const std::string& origin);
    [[nodiscard]] net::Router make_router(const std::string& origin);
    void run();
    /// Tells those who look at the wall now.
    async::Task<> show_alert(AlertId id);

    Settings settings;
    std::vector<std::string> missing;
    SystemClock clock;
    SystemRandom random;
    PrometheusMetrics metrics;
    asio::io_context context{static_cast<int>(io_threads)};

    std::unique_ptr<const domain::ClinicalReader> reader;
    std::optional<domain::Dialogue> dialogue;
    domain::CallPlan plan;
    std::unique_ptr<storage::Database> database;
    std::unique_ptr<async::BlockingPool> database_pool;
    std::unique_ptr<calls::AsyncStore> store;
    std::unique_ptr<SharedState> shared;
    std::unique_ptr<net::HttpClient> http;
    std::unique_ptr<const domain::SecondReader> second_reader;
    std::unique_ptr<async::BlockingPool> reading_pool;
    std::unique_ptr<Chat> chat;
    std::unique_ptr<twilio::Telephony> telephony;
    std::unique_ptr<Alerts> alerts;
    std::unique_ptr<speech::SpeechToText> engine;
    std::unique_ptr<audio::VoiceDetectorPool> detectors;
    std::unique_ptr<Recordings> recordings;  ///< nullptr: calls are not recorded
    std::unique_ptr<calls::CallService> calls;
    std::shared_ptr<const api::WallFiles> wall;  ///< nullptr: what was built in
    std::unique_ptr<net::HttpServer> server;
    async::TaskGroup background{"service"};

    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> keep_running;
    std::vector<std::jthread> threads;
    bool stopped = false;
};

Result<> Service::Rooms::open_data() {
    auto loaded = load_clinical_reader();
    if (loaded.has_error()) return loaded.error();
    reader = std::move(*loaded);
    auto loaded_dialogue = load_dialogue(*reader);
    if (loaded_dialogue.has_error()) return loaded_dialogue.error();
    dialogue.emplace(std::move(*loaded_dialogue));
    auto loaded_plan = load_call_plan();
    if (loaded_plan.has_error()) return loaded_plan.error();
    plan = std::move(*loaded_plan);
    if (!settings.retry_calls) plan.retries.clear();
    if (const auto made = make_folder(settings.data_dir); made.has_error()) return made;
    const storage::DatabaseOptions options{.connections = database_connections, .metrics = &metrics};
    auto opened = storage::open_database(settings.effective_database_url(), options);
    if (opened.has_error()) return opened.error();
    database = std::move(*opened);
    database_pool = std::make_unique<async::BlockingPool>(database_connections, database_queue_max);
    store = std::make_unique<calls::AsyncStore>(*database, *database_pool);
    return {};
}

void Service::Rooms::load_speech() {
    const std::string remedy = "; calls use gather mode until then. `./dev setup` installs it, or put the file there";
    if (settings.stt_provider == "whisper") {
        speech::WhisperOptions options;
        options.model = settings.whisper_model_path();
        options.workers =
            settings.stt_workers > 0 ? static_cast<std::size_t>(settings.stt_workers) : default_stt_workers();
        auto loaded = speech::load_whisper(options, metrics);
        if (loaded.has_value())
            engine = std::move(*loaded);
        else
            missing.push_back("speech model " + options.model.string() + " (" + loaded.error().detail + ")" + remedy);
    } else if (settings.stt_provider == "openai") {
        speech::RemoteSttOptions options;
        options.base_url = net::parse_url(settings.stt_base_url).value();
        options.api_key = settings.openai_api_key;
        options.model = settings.stt_model;
        engine = speech::make_remote_stt(std::move(options), *http, metrics);
    } else {
        missing.emplace_back("speech-to-text is switched off (STT_PROVIDER=none); calls use gather mode");
    }
    auto pool = audio::load_silero_pool(settings.vad_model_path(), voice_detectors_max);
    if (pool.has_value()) {
        detectors = std::move(*pool);
    } else {
        detectors = audio::make_energy_only_pool();
        if (engine)
            missing.push_back("voice activity model " + settings.vad_model_path().string() +
                              "; loudness alone decides who speaks. `./dev setup` installs it");
    }
}

Result<> Service::Rooms::load_readers() {
    auto loaded = load_second_reader(settings.sentence_encoder_path());
    if (loaded.has_value()) {
        second_reader = std::move(*loaded);
        reading_pool = std::make_unique<async::BlockingPool>(1, reading_queue_max);
    } else if (loaded.error().code == Errc::corrupt) {
        return loaded.error();
    } else {
        missing.push_back("second reader " + settings.sentence_encoder_path().string() + " (" + loaded.error().detail +
                          "); the rules read alone. `./dev setup` installs it");
    }
    auto made = Chat::make(settings, reader->concepts(), *http, clock, random, metrics);
    if (made.has_error()) return made.error();
    chat = std::move(*made);
    return {};
}

void Service::Rooms::open_recordings(const std::string& origin) {
    auto opened = Recordings::open(settings, RecordingParts{.executor = context.get_executor(),
                                                            .store = *store,
                                                            .engine = engine.get(),
                                                            .detectors = *detectors,
                                                            .reader = *reader,
                                                            .second_reader = second_reader.get(),
                                                            .clock = clock,
                                                            .random = random,
                                                            .metrics = metrics,
                                                            .public_origin = origin,
                                                            .plan_alert = alerts->planner(),
                                                            .on_notifications = [this] { alerts->nudge(); }});
    if (opened.has_value())
        recordings = std::move(*opened);
    else
        missing.push_back("recordings (" + opened.error().detail + "); calls are not recorded");
}

Result<> Service::Rooms::wire() {
    if (const auto opened = open_data(); opened.has_error()) return opened;
    auto opened_shared = SharedState::open(settings, {.clock = clock, .random = random, .metrics = metrics});
    if (opened_shared.has_error()) return opened_shared.error();
    shared = std::move(*opened_shared);
    http = std::make_unique<net::HttpClient>(context.get_executor(), net::ClientOptions{}, random, metrics);
    load_speech();
    if (const auto loaded = load_readers(); loaded.has_error()) return loaded;
    const bool has_twilio = !settings.twilio_account_sid.empty() && !settings.twilio_auth_token.empty() &&
                            !settings.twilio_phone_number.empty();
    if (has_twilio)
        telephony = twilio::make_rest_client({settings.twilio_account_sid, settings.twilio_auth_token},
                                             net::parse_url(settings.twilio_api_base_url).value(), *http, metrics);
    else
        telephony = std::make_unique<NoTelephony>();

    // LISTEN with port 0 lets the kernel choose, and without TWILIO_WEBHOOK_URL the port is part of our public origin.
    server = std::make_unique<net::HttpServer>(context.get_executor(), net::Router{}, net::ServerLimits{}, random);
    if (auto listening = server->listen(settings.listen_address, settings.listen_port); listening.has_error())
        return listening;
    std::string origin = settings.twilio_webhook_url;
    if (origin.empty()) origin = "http://" + settings.listen_host() + ":" + std::to_string(server->port());

    if (!settings.wall_dir.empty()) {
        auto read = api::WallFiles::from_folder(settings.wall_dir);
        if (read.has_error()) return read.error();
        wall = std::make_shared<const api::WallFiles>(std::move(*read));
    }
    make_alerts(origin);
    if (has_twilio) open_recordings(origin);
    make_calls(origin);
    server->set_router(make_router(origin));
    return {};
}

void Service::Rooms::make_alerts(const std::string& origin) {
    auto show = [this](const AlertId& id) { background.spawn(asio::make_strand(context), show_alert(id)); };
    alerts = std::make_unique<Alerts>(settings, AlertDeps{.executor = context.get_executor(),
                                                          .database = *database,
                                                          .database_pool = *database_pool,
                                                          .http = *http,
                                                          .telephony = *telephony,
                                                          .clock = clock,
                                                          .random = random,
                                                          .metrics = metrics,
                                                          .public_origin = origin,
                                                          .show = std::move(show)});
}

async::Task<> Service::Rooms::show_alert(AlertId id) {
    auto question = [id = std::move(id)](storage::Database& data) { return data.alerts().find(id); };
    const auto alert = co_await store->ask(std::move(question));
    if (alert.has_value()) shared->watcher().on_alert(*alert);
}

void Service::Rooms::make_calls(const std::string& origin) {
    calls::CallSettings call_settings;
    call_settings.public_origin = origin;
    call_settings.instance_origin = settings.instance_url;
    call_settings.from_number = settings.twilio_phone_number;
    call_settings.organisation = settings.organisation;
    call_settings.callback_number = settings.callback_number;
    call_settings.default_mode = settings.call_mode;
    call_settings.hours = settings.calling_hours;
    call_settings.max_call_seconds = settings.max_call_seconds;
    call_settings.calls_per_second = settings.calls_per_second;
    call_settings.monthly_budget_usd = settings.monthly_budget_usd;
    call_settings.plan_next_calls = settings.plan_calls;
    calls = std::make_unique<calls::CallService>(
        calls::CallServiceDeps{.executor = context.get_executor(),
                               .settings = std::move(call_settings),
                               .conversation = {.dialogue = *dialogue,
                                                .store = *store,
                                                .clock = clock,
                                                .random = random,
                                                .metrics = metrics,
                                                .second_reader = second_reader.get(),
                                                .reading_pool = reading_pool.get(),
                                                .reply_writer = chat ? &chat->writer() : nullptr,
                                                .summary_writer = chat ? &chat->summaries() : nullptr,
                                                .plan_alert = alerts->planner(),
                                                .on_notifications = [this] { alerts->nudge(); },
                                                .watcher = &shared->watcher()},
                               .telephony = *telephony,
                               .engine = engine.get(),
                               .detectors = *detectors,
                               .plan = plan,
                               .recorder = recordings ? &recordings->recorder() : nullptr,
                               .rate = shared->rate()});
}

net::Router Service::Rooms::make_router(const std::string& origin) {
    std::vector<std::string> tokens;
    if (!settings.twilio_auth_token.empty()) tokens.push_back(settings.twilio_auth_token);
    return api::make_router(api::ApiDeps{.calls = *calls,
                                         .store = *store,
                                         .telephony = *telephony,
                                         .clock = clock,
                                         .metrics = metrics,
                                         .public_origin = origin,
                                         .twilio_auth_tokens = std::move(tokens),
                                         .admin_api_key = settings.admin_api_key,
                                         .missing_parts = missing,
                                         .metrics_text = [this] { return metrics.text(); },
                                         .peers = settings.instance_url.empty() ? nullptr : http.get(),
                                         .wall = wall,
                                         .events = &shared->events(),
                                         .watcher = &shared->watcher(),
                                         .shares_state = shared->works(),
                                         .on_recording =
                                             [this] {
                                                 if (recordings) recordings->nudge();
                                             }});
}

void Service::Rooms::run() {
    keep_running.emplace(context.get_executor());
    background.spawn(asio::make_strand(context), server->run());
    shared->start(context.get_executor(), background);
    background.spawn(asio::make_strand(context), calls->run_schedule());
    background.spawn(asio::make_strand(context), calls->watch_owners());
    if (recordings) background.spawn(asio::make_strand(context), recordings->run());
    alerts->start();
    for (std::size_t i = 0; i < io_threads; ++i) threads.emplace_back([this] { context.run(); });
}

Service::Service(std::unique_ptr<Rooms> rooms) : rooms_(std::move(rooms)) {}

Result<std::unique_ptr<Service>> Service::start(const Settings& settings) {
    auto rooms = std::make_unique<Rooms>(settings);
    if (const auto wired = rooms->wire(); wired.has_error()) return wired.error();
    rooms->run();
    return std::unique_ptr<Service>(new Service(std::move(rooms)));
}

Service::~Service() {
    stop(2s);
}

std::uint16_t Service::port() const noexcept {
    return rooms_->server->port();
}

std::string Service::origin() const {
    return "http://" + rooms_->settings.listen_host() + ":" + std::to_string(port());
}

const std::vector<std::string>& Service::missing_parts() const noexcept {
    return rooms_->missing;
}

void Service::drain() {
    rooms_->calls->drain();
}

std::size_t Service::live_calls() const {
    return rooms_->calls->live_calls();
}

void Service::stop(milliseconds grace) {
    auto& rooms = *rooms_;
    if (rooms.stopped) return;
    rooms.stopped = true;
    auto shut_down = [](Rooms& all, milliseconds span) -> async::Task<> {
        // Calls are given free while their webhooks can still be told so.
        co_await all.calls->stop();
        co_await all.server->stop(span);
        co_await all.alerts->stop();
        co_await all.background.stop();
        if (all.recordings) co_await all.recordings->stop();
        co_await all.http->stop();
    };
    asio::co_spawn(asio::make_strand(rooms.context), shut_down(rooms, grace), asio::use_future).wait();
    rooms.keep_running.reset();
    rooms.threads.clear();
}

}  // namespace carevoice::app
