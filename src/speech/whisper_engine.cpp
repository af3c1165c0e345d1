#include "speech/whisper_engine.h"

#include "speech/whisper_decoder.h"

#include <boost/asio/post.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace carevoice::speech {

namespace {

namespace asio = boost::asio;

/// One clip on its way through the engine: shared by the coroutine that waits and the worker that decodes.
struct Job {
    Job(Samples16k audio_, TranscribeOptions options_, Deadline deadline_)
        : audio(std::move(audio_)), options(std::move(options_)), deadline(deadline_) {}

    const Samples16k audio;
    const TranscribeOptions options;
    const Deadline deadline;
    const SteadyTime queued_at = std::chrono::steady_clock::now();
    std::atomic<bool> abandoned{false};  ///< nobody waits any more

    // Guarded by `mutex`. The timer belongs to the waiting coroutine and may be touched on its executor only.
    std::mutex mutex;
    std::optional<Result<Transcription>> result;
    asio::steady_timer* waiter = nullptr;
};

/// Leaves a job alone when its coroutine ends, however that comes about.
struct Waiting {
    Waiting(std::shared_ptr<Job> job_, asio::steady_timer& timer) : job(std::move(job_)) {
        const std::lock_guard lock(job->mutex);
        job->waiter = &timer;
    }
    ~Waiting() {
        const std::lock_guard lock(job->mutex);
        job->waiter = nullptr;
        job->abandoned = true;
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

    const std::shared_ptr<Job> job;
};

void complete(const std::shared_ptr<Job>& job, Result<Transcription> result) {
    const std::lock_guard lock(job->mutex);
    job->result = std::move(result);
    if (job->waiter == nullptr) return;
    auto wake = [job] {
        const std::lock_guard waking(job->mutex);
        if (job->waiter != nullptr) job->waiter->expires_at(SteadyTime::min());
    };
    asio::post(job->waiter->get_executor(), std::move(wake));
}

double seconds_between(SteadyTime from, SteadyTime to) {
    return std::chrono::duration<double>(to - from).count();
}

milliseconds whole_ms(SteadyTime from, SteadyTime to) {
    return std::chrono::duration_cast<milliseconds>(to - from);
}

class WhisperEngine final : public SpeechToText {
public:
    WhisperEngine(std::vector<std::unique_ptr<WhisperDecoder>> decoders, std::size_t queue_max, Metrics& metrics)
        : queue_max_(queue_max), metrics_(metrics), decoders_(std::move(decoders)) {
        threads_.reserve(decoders_.size());
        for (const auto& decoder : decoders_) threads_.emplace_back([this, &worker = *decoder] { work(worker); });
    }

    ~WhisperEngine() override {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_all();
        for (auto& thread : threads_) thread.join();
        for (auto* queue : {&urgent_, &patient_})
            for (const auto& job : *queue) complete(job, Error{Errc::cancelled, "the speech engine stops"});
    }

    async::Task<Result<Transcription>> transcribe(Samples16k audio, TranscribeOptions options,
                                                  Deadline deadline) override {
        if (!audio) co_return Error{Errc::invalid_input, "there is no audio", "audio"};
        asio::steady_timer timer(co_await asio::this_coro::executor, deadline.at());
        const Waiting waiting(std::make_shared<Job>(std::move(audio), std::move(options), deadline), timer);
        if (!enqueue(waiting.job)) {
            count("refused");
            co_return Error{Errc::unavailable, "the speech engine's queue is full"};
        }
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        const bool cancelled =
            (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
        const std::lock_guard lock(waiting.job->mutex);
        if (waiting.job->result) co_return std::move(*waiting.job->result);
        if (cancelled) co_return Error{Errc::cancelled, "stopped while waiting for a transcription"};
        co_return Error{Errc::timed_out, "the transcription took too long"};
    }

    [[nodiscard]] std::size_t load() const noexcept override { return load_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t workers() const noexcept override { return decoders_.size(); }

private:
    using Queue = std::deque<std::shared_ptr<Job>>;

    bool enqueue(const std::shared_ptr<Job>& job) {
        {
            const std::lock_guard lock(mutex_);
            if (urgent_.size() + patient_.size() >= queue_max_) {
                forget_abandoned(urgent_);
                forget_abandoned(patient_);
            }
            // Workers that are free take their job at once, so it does not count as waiting.
            const std::size_t idle = decoders_.size() - running_;
            if (urgent_.size() + patient_.size() >= queue_max_ + idle) return false;
            (job->options.urgent ? urgent_ : patient_).push_back(job);
            load_.fetch_add(1, std::memory_order_relaxed);
        }
        changed_.notify_one();
        return true;
    }

    void forget_abandoned(Queue& queue) {
        const auto gone = std::erase_if(queue, [](const auto& job) { return job->abandoned.load(); });
        load_.fetch_sub(gone, std::memory_order_relaxed);
    }

    std::shared_ptr<Job> next_job() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopping_ || !urgent_.empty() || !patient_.empty(); });
        if (stopping_) return nullptr;
        Queue& queue = urgent_.empty() ? patient_ : urgent_;
        auto job = std::move(queue.front());
        queue.pop_front();
        ++running_;
        return job;
    }

    void work(WhisperDecoder& decoder) {
        while (const auto job = next_job()) {
            auto result = run(decoder, *job);
            {
                const std::lock_guard lock(mutex_);
                --running_;
            }
            load_.fetch_sub(1, std::memory_order_relaxed);
            complete(job, std::move(result));
        }
    }

    Result<Transcription> run(WhisperDecoder& decoder, const Job& job) {
        const SteadyTime begun = std::chrono::steady_clock::now();
        const auto outdated = [this, &job] {
            return job.abandoned.load(std::memory_order_relaxed) || stopping_.load(std::memory_order_relaxed) ||
                   job.deadline.passed(std::chrono::steady_clock::now());
        };
        metrics_.observe_seconds("carevoice_stt_wait_seconds", seconds_between(job.queued_at, begun));
        Result<Transcription> result = Error{Errc::cancelled, "nobody waits for this transcription any more"};
        TranscribeOptions options = job.options;
        options.second_look = options.second_look && load() <= workers();
        if (!outdated()) result = decoder.transcribe(*job.audio, options, outdated);
        const SteadyTime ended = std::chrono::steady_clock::now();
        if (result.has_error() && result.error().code == Errc::cancelled) {
            const bool late = job.deadline.passed(ended);
            if (late) result = Error{Errc::timed_out, "the transcription took too long"};
            count(late ? "timed_out" : "cancelled");
            return result;
        }
        metrics_.observe_seconds("carevoice_stt_seconds", seconds_between(begun, ended));
        if (!result) {
            count("failed");
            return result;
        }
        count(result->text.empty() ? "empty" : "ok");
        result->took = whole_ms(begun, ended);
        result->waited = whole_ms(job.queued_at, begun);
        return result;
    }

    void count(std::string_view outcome) { metrics_.add("carevoice_stt_jobs_total", {{"outcome", outcome}}, 1); }

    const std::size_t queue_max_;
    Metrics& metrics_;
    std::vector<std::unique_ptr<WhisperDecoder>> decoders_;
    std::atomic<std::size_t> load_{0};
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    Queue urgent_;   // guarded by mutex_, as the rest
    Queue patient_;  // recordings and files: they can wait
    std::size_t running_ = 0;
    std::vector<std::jthread> threads_;
};

}  // namespace

Result<std::unique_ptr<SpeechToText>> load_whisper(const WhisperOptions& options, Metrics& metrics) {
    auto context = load_whisper_context(options.model);
    if (!context) return context.error();
    std::vector<std::unique_ptr<WhisperDecoder>> decoders;
    for (std::size_t i = 0; i < std::max<std::size_t>(1, options.workers); ++i) {
        auto decoder = WhisperDecoder::make(*context);
        if (!decoder) return decoder.error();
        decoders.push_back(std::move(*decoder));
    }
    std::unique_ptr<SpeechToText> engine =
        std::make_unique<WhisperEngine>(std::move(decoders), options.queue_max, metrics);
    return engine;
}

}  // namespace carevoice::speech
