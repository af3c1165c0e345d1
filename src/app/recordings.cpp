#include "app/recordings.h"

#include "calls/recording_jobs.h"
#include "core/log.h"
#include "net/client.h"
#include "storage/recording_store.h"
#include "twilio/call_recordings.h"

#include <algorithm>

namespace carevoice::app {

namespace {

/// Two channels of 16-bit samples at 8 kHz.
constexpr std::size_t audio_bytes_a_second = 2 * 2 * 8'000;
constexpr std::size_t audio_bytes_max = 512UL * 1'024 * 1'024;
constexpr std::size_t file_queue_max = 16;

net::ClientOptions client_options(const Settings& settings) {
    net::ClientOptions options;
    const auto longest = static_cast<std::size_t>(settings.max_call_seconds) + 60;
    options.response_bytes_max = std::min(audio_bytes_max, longest * audio_bytes_a_second);
    options.connections_per_origin = 4;
    return options;
}

Result<storage::PhiKey> current_key(const Settings& settings) {
    if (!settings.phi_encryption_key.empty()) return storage::PhiKey::from_base64(settings.phi_encryption_key);
    const auto file = settings.data_dir / "phi.key";
    std::error_code ignored;
    if (!settings.listens_on_loopback() && !std::filesystem::exists(file, ignored))
        return Error{Errc::not_found, "PHI_ENCRYPTION_KEY is not set", "PHI_ENCRYPTION_KEY"};
    auto found = storage::load_or_make_key(file);
    if (found.has_error()) return found.error();
    if (found->made)
        log(LogLevel::warning, "PHI_ENCRYPTION_KEY is not set: a key was made, keep a copy of it",
            {{"file", file.string()}});
    return std::move(found->key);
}

Result<storage::PhiKeys> all_keys(const Settings& settings) {
    auto current = current_key(settings);
    if (current.has_error()) return current.error();
    storage::PhiKeys keys{.current = std::move(*current), .previous = {}};
    for (const auto& text : settings.phi_encryption_keys_previous) {
        auto key = storage::PhiKey::from_base64(text);
        if (key.has_error()) return key.error();
        keys.previous.push_back(std::move(*key));
    }
    return keys;
}

}  // namespace

/// Declared in the order of dependence.
struct Recordings::Parts {
    Parts(const Settings& settings, RecordingParts with, std::unique_ptr<storage::RecordingStore> opened)
        : audio(std::move(opened)),
          http(with.executor, client_options(settings), with.random, with.metrics),
          twilio(twilio::make_recordings_client({settings.twilio_account_sid, settings.twilio_auth_token},
                                                net::parse_url(settings.twilio_api_base_url).value(), http,
                                                with.metrics)),
          recorder(with.store, *twilio, with.public_origin, with.clock, with.metrics),
          jobs({.store = with.store,
                .twilio = *twilio,
                .audio = *audio,
                .pool = pool,
                .engine = with.engine,
                .detectors = with.detectors,
                .reader = with.reader,
                .second_reader = with.second_reader,
                .clock = with.clock,
                .random = with.random,
                .metrics = with.metrics,
                .plan_alert = with.plan_alert,
                .on_notifications = with.on_notifications},
               {.worker = "recordings-" + with.random.hex(8),
                .retention = std::chrono::days(settings.retention_days),
                .call_max = std::chrono::seconds(settings.max_call_seconds)}) {}

    std::unique_ptr<storage::RecordingStore> audio;
    async::BlockingPool pool{1, file_queue_max};
    net::HttpClient http;
    std::unique_ptr<twilio::CallRecordings> twilio;
    calls::Recorder recorder;
    calls::RecordingJobs jobs;
};

Recordings::Recordings(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Recordings::~Recordings() = default;

Result<std::unique_ptr<Recordings>> Recordings::open(const Settings& settings, RecordingParts parts) {
    auto keys = all_keys(settings);
    if (keys.has_error()) return keys.error();
    auto folder = storage::open_recording_folder(settings.data_dir / "recordings", std::move(*keys));
    if (folder.has_error()) return folder.error();
    auto made = std::make_unique<Parts>(settings, std::move(parts), std::move(*folder));
    return std::unique_ptr<Recordings>(new Recordings(std::move(made)));
}

calls::Recorder& Recordings::recorder() noexcept {
    return parts_->recorder;
}

void Recordings::nudge() {
    parts_->jobs.nudge();
}

async::Task<> Recordings::run() {
    return parts_->jobs.run();
}

async::Task<> Recordings::stop() {
    return parts_->http.stop();
}

}  // namespace carevoice::app
