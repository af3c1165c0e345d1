// Recordings of calls, as the settings ask for them: their key, their folder, who starts them and who works on them.
#pragma once

#include "app/settings.h"
#include "async/task.h"
#include "audio/voice_activity.h"
#include "calls/async_store.h"
#include "calls/recorder.h"
#include "core/metrics.h"
#include "core/random.h"
#include "core/time.h"
#include "domain/notification.h"
#include "domain/understanding.h"
#include "speech/speech_to_text.h"

#include <functional>
#include <memory>
#include <string>

namespace carevoice::app {

/// All outlive the recordings.
struct RecordingParts {
    async::Executor executor;
    calls::AsyncStore& store;
    speech::SpeechToText* engine = nullptr;
    audio::VoiceDetectorPool& detectors;
    const domain::ClinicalReader& reader;
    const domain::SecondReader* second_reader = nullptr;
    const Clock& clock;
    Random& random;
    Metrics& metrics;
    std::string public_origin;
    std::function<domain::AlertPlan(const domain::Patient&, const domain::Alert&)> plan_alert = {};
    std::function<void()> on_notifications = {};
};

class Recordings {
public:
    /// Without a key in the settings one is read from DATA_DIR/phi.key, on a loopback address made there if need be.
    /// not_found when there is none; corrupt, forbidden, unavailable.
    static Result<std::unique_ptr<Recordings>> open(const Settings& settings, RecordingParts parts);
    ~Recordings();

    [[nodiscard]] calls::Recorder& recorder() noexcept;
    /// One is ready to be fetched. Thread-safe.
    void nudge();
    /// Works until its group stops. Spawn once, on a strand.
    async::Task<> run();
    /// After run() has ended, before destruction.
    async::Task<> stop();

private:
    struct Parts;
    explicit Recordings(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace carevoice::app
