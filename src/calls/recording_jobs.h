// What happens to a recording after the call: fetched, kept encrypted, transcribed when the recogniser is idle, read as
// the call was, and deleted in its time, here and at Twilio.
//
// Any instance may run one. A job that fails is tried again with back-off, the fetching and reading of a recording for
// some hours, its deletion for ever; one that is given up stays visible (state `failed`, its reason beside it).
#pragma once

#include "async/blocking_pool.h"
#include "async/bounded_queue.h"
#include "async/task.h"
#include "audio/voice_activity.h"
#include "audio/wav.h"
#include "calls/async_store.h"
#include "calls/recording_review.h"
#include "core/metrics.h"
#include "core/random.h"
#include "core/time.h"
#include "domain/notification.h"
#include "notify/back_off.h"
#include "speech/speech_to_text.h"
#include "storage/recording_store.h"
#include "storage/repositories.h"
#include "twilio/call_recordings.h"

#include <functional>
#include <memory>
#include <string>

namespace carevoice::calls {

struct RecordingSettings {
    std::string worker;                  ///< this process among all
    std::chrono::days retention{90};     ///< of the audio
    std::chrono::seconds call_max{900};  ///< a recording that Twilio reports nothing of is looked for after this
    milliseconds poll{10'000};           ///< how often to look when nobody nudges
    milliseconds lease{30 * 60'000};     ///< longer than any job takes
    notify::BackOff back_off{.first = milliseconds{10'000}, .longest = milliseconds{30 * 60'000}};
    int attempts_max = 20;  ///< of fetching or reading one recording
};

/// All outlive the jobs.
struct RecordingDeps {
    AsyncStore& store;
    twilio::CallRecordings& twilio;
    storage::RecordingStore& audio;
    async::BlockingPool& pool;               ///< for files, decoding and reading
    speech::SpeechToText* engine = nullptr;  ///< nullptr: recordings are kept and not read
    audio::VoiceDetectorPool& detectors;
    const domain::ClinicalReader& reader;
    const domain::SecondReader* second_reader = nullptr;
    const Clock& clock;
    Random& random;
    Metrics& metrics;
    /// As in Conversation.
    std::function<domain::AlertPlan(const domain::Patient&, const domain::Alert&)> plan_alert = {};
    std::function<void()> on_notifications = {};
};

/// run() and pass() on one strand; nudge() from anywhere. Counts carevoice_recordings_total{step,outcome} and
/// carevoice_recording_words_total{agreed=yes|no}; sets carevoice_recordings{state} and
/// carevoice_recording_word_agreement (the last one's).
class RecordingJobs {
public:
    RecordingJobs(RecordingDeps deps, RecordingSettings settings);

    /// Works until its group stops. Spawn once.
    async::Task<> run();
    /// Looks at once: something is due.
    void nudge() { nudges_.push_dropping_oldest(true); }
    /// One look, for tests: how many jobs were tried.
    async::Task<std::size_t> pass();

private:
    using Step = storage::RecordingStep;

    async::Task<bool> work_on(storage::RecordingState work);
    async::Task<Step> fetch(storage::Recording recording, Deadline deadline);
    async::Task<Step> read(storage::Recording recording, Deadline deadline);
    async::Task<Step> remove(storage::Recording recording, Deadline deadline);
    /// not_found when Twilio recorded nothing (yet).
    async::Task<Result<std::string>> sid_of(storage::Recording recording, Deadline deadline);
    async::Task<Result<std::shared_ptr<const audio::WavClip>>> open_audio(CallSessionId id);
    async::Task<Result<RecordedCall>> recorded_call(storage::Recording recording);
    async::Task<Result<std::vector<speech::RecordedUtterance>>> hear(std::shared_ptr<const audio::WavClip> clip,
                                                                     std::size_t channel, Deadline deadline);
    async::Task<Result<>> raise(RecordedCall recorded, std::vector<domain::RaisedAlert> findings);
    [[nodiscard]] Step after_failure(const storage::Recording& recording, const Error& error);
    async::Task<> tidy();
    void measure(const RecordingReview& review);

    RecordingDeps deps_;
    RecordingSettings settings_;
    async::BoundedQueue<bool> nudges_{1};
};

}  // namespace carevoice::calls
