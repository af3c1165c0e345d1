// A Call Service over a database in memory, the real dialogue and a fake telephone network: for tests of calls and api.
#pragma once

#include "async/blocking_pool.h"
#include "audio/voice_activity.h"
#include "calls/call_service.h"
#include "core/resources.h"
#include "domain/dialogue.h"
#include "domain/understanding.h"
#include "storage/repositories.h"
#include "support/fake_clock.h"
#include "support/fake_recordings.h"
#include "support/fake_telephony.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <map>
#include <memory>
#include <string>

namespace carevoice::tests {

inline domain::ClinicalReader load_reader() {
    return domain::ClinicalReader::load(find_embedded_resource("protocols/rules.json").value(),
                                        find_embedded_resource("protocols/lexicon.json").value(),
                                        find_embedded_resource("protocols/concepts.json").value())
        .value();
}

inline domain::Dialogue load_dialogue(const domain::ClinicalReader& reader) {
    constexpr std::string_view folder = "protocols/";
    std::map<std::string, std::string_view> files;
    for (const auto& resource : embedded_resources())
        if (resource.path.starts_with(folder)) files.emplace(resource.path.substr(folder.size()), resource.text);
    return domain::Dialogue::load(files, reader).value();
}

inline domain::Patient ruth() {
    domain::Patient patient;
    patient.patient_id = PatientId("ruth");
    patient.first_name = "Ruth";
    patient.last_name = "Albrecht";
    patient.date_of_birth = parse_date("1957-03-14").value();
    patient.phone = "+14155550101";
    patient.procedure = "total knee replacement";
    patient.procedure_family = domain::ProcedureFamily::joint;
    patient.surgery_date = parse_date("2026-11-16").value();
    patient.time_zone = "America/Chicago";
    patient.consents.calls = true;
    return patient;
}

/// An engine that is never asked: utterances are handed to the calls directly.
class IdleEngine final : public speech::SpeechToText {
public:
    async::Task<Result<speech::Transcription>> transcribe(speech::Samples16k, speech::TranscribeOptions,
                                                          Deadline) override {
        co_return Error{Errc::unavailable, "idle"};
    }
    [[nodiscard]] std::size_t load() const noexcept override { return jobs; }
    [[nodiscard]] std::size_t workers() const noexcept override { return 1; }
    std::size_t jobs = 0;
};

/// What may help the rules, and who may look; nullptr: nobody does. Outlives the house.
struct Assistance {
    const domain::SecondReader* second_reader = nullptr;
    ai::ReplyWriter* reply_writer = nullptr;
    ai::SummaryWriter* summary_writer = nullptr;
    calls::CallWatcher* watcher = nullptr;
};

struct CallHouse {
    explicit CallHouse(bool with_engine = true, Assistance assistance_ = {})
        : reader(load_reader()),
          dialogue(load_dialogue(reader)),
          database(storage::open_database("sqlite::memory:", 1).value()),
          store(*database, pool),
          has_engine(with_engine),
          assistance(assistance_),
          detectors(audio::make_energy_only_pool()),
          service(make_service()) {
        (void)database->patients().insert(ruth()).value();
    }

    /// One more instance on the same database and telephone network. To be stopped with end().
    std::unique_ptr<calls::CallService> make_service(std::string instance_origin = {}) {
        calls::CallSettings settings;
        settings.public_origin = "https://voice.example.org";
        settings.instance_origin = std::move(instance_origin);
        settings.from_number = "+12125550100";
        settings.organisation = "Riverside Hospital";
        settings.callback_number = "+12125550100";
        return std::make_unique<calls::CallService>(
            calls::CallServiceDeps{.executor = context.get_executor(),
                                   .settings = settings,
                                   .conversation = {.dialogue = dialogue,
                                                    .store = store,
                                                    .clock = clock,
                                                    .random = random,
                                                    .metrics = metrics,
                                                    .second_reader = assistance.second_reader,
                                                    .reading_pool = &reading_pool,
                                                    .reply_writer = assistance.reply_writer,
                                                    .summary_writer = assistance.summary_writer,
                                                    .watcher = assistance.watcher},
                                   .telephony = telephony,
                                   .engine = has_engine ? &engine : nullptr,
                                   .detectors = *detectors,
                                   .recorder = &recorder});
    }

    ~CallHouse() { run(end(*service)); }

    /// Runs one coroutine to its end while everything else goes on.
    template <class T>
    T run(async::Task<T> work) {
        auto done = async::asio::co_spawn(context, std::move(work), async::asio::use_future);
        while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
            context.restart();
            context.run_one();
        }
        return done.get();
    }

    /// Lets everything go on until `done()` holds. False when it does not within a generous while: a hang, not a pace.
    template <class Condition>
    bool until(Condition done) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!done()) {
            if (std::chrono::steady_clock::now() > give_up) return false;
            context.restart();
            context.run_one_for(std::chrono::milliseconds(20));
        }
        return true;
    }

    bool until_no_call_lives() {
        return until([this] { return service->live_calls() == 0; });
    }

    calls::Initiated initiate(std::string id = "s1") {
        calls::InitiateRequest request;
        request.patient_id = PatientId("ruth");
        request.call_session_id = CallSessionId(std::move(id));
        request.request_body = "{}";
        return run(service->initiate(std::move(request))).value();
    }

    twilio::Webhook webhook(std::string status = "in-progress") const {
        twilio::Webhook hook;
        hook.call_sid = CallSid(telephony.next_sid);
        hook.call_status = std::move(status);
        return hook;
    }

    std::string voice(std::string token = "") {
        return run(service->voice(CallSessionId("s1"), webhook(), std::move(token))).value();
    }

    std::string gather(std::string words) {
        auto hook = webhook();
        hook.speech_result = std::move(words);
        return run(service->gather(CallSessionId("s1"), hook, "")).value();
    }

    calls::CallDetails details() { return run(service->details(CallSessionId("s1"))).value(); }

    static async::Task<int> end(calls::CallService& instance) {
        co_await instance.stop();
        co_return 0;
    }

    async::asio::io_context context;
    domain::ClinicalReader reader;
    domain::Dialogue dialogue;
    std::unique_ptr<storage::Database> database;
    async::BlockingPool pool{1, 64};
    async::BlockingPool reading_pool{1, 4};
    calls::AsyncStore store;
    FakeClock clock;
    SeededRandom random{7};
    NoMetrics metrics;
    FakeTelephony telephony;
    FakeCallRecordings recordings;
    calls::Recorder recorder{store, recordings, "https://voice.example.org", clock, metrics};
    IdleEngine engine;
    bool has_engine;
    Assistance assistance;
    std::unique_ptr<audio::VoiceDetectorPool> detectors;
    std::unique_ptr<calls::CallService> service;
};

}  // namespace carevoice::tests
