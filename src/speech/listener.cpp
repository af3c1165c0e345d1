#include "speech/listener.h"

#include "async/task_group.h"
#include "speech/turn.h"
#include "speech/voice_tracker.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

namespace carevoice::speech {

namespace {

namespace asio = boost::asio;

constexpr std::int64_t samples_per_ms = 8;
constexpr milliseconds partials_from{4'000};
/// Silence behind the speech that is worth decoding; more only tempts the decoder to invent.
constexpr milliseconds tail_max{400};
/// Towards the end of `utterance_max` any short pause is a better place to cut than the middle of a word.
constexpr milliseconds cut_early{3'000};
constexpr milliseconds cut_pause{96};
/// Missing audio within an utterance: so much is given to the decoder as silence, the rest only moves the clock.
constexpr milliseconds gap_heard_max{1'000};
constexpr milliseconds retry_wait{250};
constexpr milliseconds stall_tick{100};

std::int64_t samples(milliseconds span) {
    return span.count() * samples_per_ms;
}

}  // namespace

class Listener::Impl {
public:
    Impl(async::Executor strand, SpeechToText& engine, audio::VoiceDetectorPool& detectors, Metrics& metrics,
         ListenerOptions options, std::function<void(Heard)> on_heard)
        : strand_(std::move(strand)),
          engine_(engine),
          metrics_(metrics),
          options_(options),
          on_heard_(std::move(on_heard)),
          tracker_(detectors, options.pre_roll) {}

    void expect(Expectation expectation, std::string prompt) {
        expectation_ = expectation;
        prompt_ = std::move(prompt);
        Turn* const turn = open_turn();
        if (turn == nullptr || turn->has_result()) return;
        turn->expectation = expectation_;
        turn->prompt = prompt_;
    }

    void accept(std::span<const std::uint8_t> mulaw, std::uint64_t silence_before_ms) {
        if (ended_) return;
        last_frame_at_ = std::chrono::steady_clock::now();
        stalled_ = milliseconds{0};
        if (silence_before_ms > 0)
            accept_gap(static_cast<std::int64_t>(std::min<std::uint64_t>(silence_before_ms, gap_max_ms)));
        while (!mulaw.empty()) {
            const auto frame = mulaw.first(std::min(mulaw.size(), VoiceTracker::frame_max));
            accept_frame(frame);
            mulaw = mulaw.subspan(frame.size());
        }
    }

    [[nodiscard]] bool speaking() const noexcept { return !turns_.empty() && !turns_.back()->closed; }
    [[nodiscard]] std::int64_t audio_ms() const noexcept { return tracker_.position() / samples_per_ms; }

    async::Task<> settled() {
        while (decodes_running_ > 0) {
            const auto timer = std::make_shared<asio::steady_timer>(strand_, SteadyTime::max());
            settled_waiters_.push_back(timer);
            co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
            if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
        }
    }

    async::Task<> finish() {
        if (!ended_) {
            ended_ = true;
            tracker_.flush();
            if (open_turn() == nullptr && tracker_.open()) begin_turn();
            if (Turn* const turn = open_turn()) {
                turn->speech_end = tracker_.speech_end();
                turn->cut_off = silence() < options_.speculate_after;
                close(*turn);
            }
        }
        co_await settled();
        co_await group_.stop();
    }

    async::Task<> stop() {
        ended_ = true;
        turns_.clear();
        co_await group_.stop();
    }

private:
    static constexpr std::uint64_t gap_max_ms = 24ULL * 3'600 * 1'000;

    /// Counts a decode from its start to its end, however it ends, and wakes settled().
    struct Running {
        explicit Running(Impl& owner_) : owner(owner_) { ++owner.decodes_running_; }
        ~Running() {
            if (--owner.decodes_running_ > 0) return;
            for (const auto& timer : owner.settled_waiters_) timer->expires_at(SteadyTime::min());
            owner.settled_waiters_.clear();
        }
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;
        Impl& owner;
    };

    [[nodiscard]] Turn* open_turn() const noexcept { return speaking() ? turns_.back().get() : nullptr; }

    /// Since the last syllable.
    [[nodiscard]] milliseconds silence() const {
        return milliseconds{(tracker_.position() - tracker_.speech_end()) / samples_per_ms} + stalled_;
    }

    void accept_gap(std::int64_t gap_ms) {
        std::int64_t left = gap_ms * samples_per_ms;
        for (std::int64_t heard = 0; speaking() && left > 0 && heard < samples(gap_heard_max);) {
            const auto count = std::min<std::int64_t>(left, VoiceTracker::frame_max);
            accept_frame(std::span(VoiceTracker::silent_frame).first(static_cast<std::size_t>(count)));
            left -= count;
            heard += count;
        }
        tracker_.skip(left);
        advance();
    }

    void accept_frame(std::span<const std::uint8_t> frame) {
        tracker_.accept(frame);
        if (Turn* const turn = open_turn()) {
            turn->clip.insert(turn->clip.end(), frame.begin(), frame.end());
        } else if (tracker_.open()) {
            begin_turn();
        } else {
            return;
        }
        advance();
    }

    void begin_turn() {
        auto clip = tracker_.audio_since(tracker_.speech_start() - samples(options_.pre_roll));
        add_turn(tracker_.speech_start(), std::move(clip));
    }

    void add_turn(std::int64_t speech_start, std::vector<std::uint8_t> clip) {
        auto turn = std::make_shared<Turn>();
        turn->speech_start = speech_start;
        turn->speech_end = tracker_.speech_end();
        turn->speech_ended = last_frame_at_;
        turn->clip = std::move(clip);
        turn->clip_speech_size = turn->clip.size();
        turn->expectation = expectation_;
        turn->prompt = prompt_;
        turn->partial_due = speech_start + samples(partials_from);
        turns_.push_back(std::move(turn));
        if (!ended_) watch_for_stall();
        on_heard_(SpeechStarted{speech_start / samples_per_ms});
    }

    /// Takes every decision about the open turn: called after each frame, each result and each tick of a stalled
    /// stream.
    void advance() {
        Turn* const turn = open_turn();
        if (turn == nullptr) return;
        if (turn->speech_end != tracker_.speech_end()) {
            turn->speech_end = tracker_.speech_end();
            turn->speech_ended = last_frame_at_;
            turn->clip_speech_size = turn->clip.size();
        }
        const auto clip_samples = static_cast<std::int64_t>(turn->clip.size());
        const milliseconds quiet = silence();
        if (clip_samples >= samples(options_.utterance_max) ||
            (clip_samples >= samples(options_.utterance_max - cut_early) && quiet >= cut_pause)) {
            close(*turn);
            return;
        }
        const bool outdated = turn->decode && !turn->decode->partial && turn->decode->speech_end != turn->speech_end;
        if (outdated) drop_decode(*turn);
        const bool idle = engine_.load() == 0;
        if (quiet < (idle ? options_.speculate_early : options_.speculate_after)) {
            decode_partial_if_due(*turn);
            return;
        }
        if (!turn->decode_covers_all()) {
            start_decode(turns_.back(), false);
        } else if (turn->decode->result && quiet >= wait_for(*turn)) {
            close(*turn);
        }
    }

    [[nodiscard]] static milliseconds wait_for(const Turn& turn) {
        const auto& result = *turn.decode->result;
        const std::string_view text = result.has_value() ? std::string_view(result->text) : std::string_view();
        return endpoint_wait(judge_completeness(text, turn.expectation), turn.expectation);
    }

    void decode_partial_if_due(Turn& turn) {
        if (tracker_.position() < turn.partial_due) return;
        const bool busy = turn.decode && !turn.decode->result;
        // Partials are a luxury: not at the price of another call's answer.
        if (busy || engine_.load() >= engine_.workers()) return;
        turn.partial_due = tracker_.position() + samples(options_.partial_every);
        start_decode(turns_.back(), true);
    }

    void start_decode(const std::shared_ptr<Turn>& turn, bool partial) {
        drop_decode(*turn);
        const std::size_t useful = turn->clip_speech_size + static_cast<std::size_t>(samples(tail_max));
        const std::size_t size = std::min(turn->clip.size(), useful);
        auto decode = std::make_shared<Decode>(strand_, decodable(std::span(turn->clip).first(size)));
        decode->partial = partial;
        decode->speech_end = turn->speech_end;
        decode->clip_size = size;
        decode->position = tracker_.position();
        turn->decode = decode;
        TranscribeOptions options{.prompt = turn->prompt, .second_look = !partial};
        auto running = std::make_unique<Running>(*this);
        group_.spawn(strand_, run(turn, std::move(decode), std::move(options), std::move(running)));
    }

    void drop_decode(Turn& turn) {
        if (!turn.decode) return;
        if (!turn.decode->partial) metrics_.add("carevoice_speculations_total", {{"outcome", "thrown_away"}});
        turn.decode->dropped = true;
        turn.decode->cancelled.expires_at(SteadyTime::min());
        turn.decode.reset();
    }

    async::Task<> run(std::shared_ptr<Turn> turn, std::shared_ptr<Decode> decode, TranscribeOptions options,
                      std::unique_ptr<Running>) {
        using namespace asio::experimental::awaitable_operators;
        const Deadline deadline = Deadline::in(options_.decode_timeout);
        auto work = transcribe(decode->audio, std::move(options), deadline);
        auto winner = co_await (std::move(work) || decode->cancelled.async_wait(asio::as_tuple(asio::use_awaitable)));
        if (decode->dropped || winner.index() == 1) co_return;
        decode->result = std::get<0>(std::move(winner));
        if (decode->partial && !turn->closed) {
            take_partial(*turn, *decode);
        } else if (turn->closed) {
            report_finished();
        } else {
            advance();
        }
    }

    /// A full queue is a matter of moments: tries again until the deadline.
    async::Task<Result<Transcription>> transcribe(Samples16k audio, TranscribeOptions options, Deadline deadline) {
        for (;;) {
            auto result = co_await engine_.transcribe(audio, options, deadline);
            const SteadyTime now = std::chrono::steady_clock::now();
            const bool again =
                result.has_error() && result.error().code == Errc::unavailable && deadline.left(now) > retry_wait;
            if (!again) co_return result;
            const auto slept = co_await async::sleep_for(retry_wait);
            if (slept.has_error()) co_return slept.error();
        }
    }

    void take_partial(Turn& turn, const Decode& decode) {
        if (!decode.result->has_value() || (*decode.result)->text.empty()) return;
        const std::string& text = (*decode.result)->text;
        if (judge_completeness(text, turn.expectation) == Completeness::red_flag) {
            end_at_partial(turn);
            return;
        }
        on_heard_(PartialText{text, turn.speech_start / samples_per_ms});
    }

    /// Red-flag words end the turn at once, with the words so far; what came after them begins the next one.
    void end_at_partial(Turn& turn) {
        const auto decode = turn.decode;
        std::vector<std::uint8_t> rest(turn.clip.begin() + static_cast<std::ptrdiff_t>(decode->clip_size),
                                       turn.clip.end());
        turn.clip.resize(decode->clip_size);
        turn.speech_end = std::min(turn.speech_end, decode->position);
        decode->partial = false;
        decode->speech_end = turn.speech_end;
        turn.closed = true;
        report_finished();
        if (tracker_.speech_end() - decode->position > samples(cut_pause)) {
            add_turn(decode->position, std::move(rest));
        } else {
            tracker_.close(decode->position);
        }
    }

    void close(Turn& turn) {
        if (!turn.decode_covers_all()) start_decode(turns_.back(), false);
        turn.closed = true;
        // Speech that begins just now belongs to the next utterance.
        tracker_.close(std::min(tracker_.position(), turn.speech_end + samples(options_.speculate_after)));
        report_finished();
    }

    /// Reports closed turns whose words are there, in order of speech.
    void report_finished() {
        while (!turns_.empty() && turns_.front()->closed && turns_.front()->has_result()) {
            const auto turn = std::move(turns_.front());
            turns_.pop_front();
            report(*turn);
        }
    }

    void report(const Turn& turn) {
        Utterance utterance = utterance_of(turn);
        const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - turn.speech_ended;
        metrics_.observe_seconds("carevoice_endpoint_seconds", waited.count());
        metrics_.add("carevoice_speculations_total", {{"outcome", "used"}});
        const std::string_view outcome = utterance.failed ? "failed" : utterance.text.empty() ? "empty" : "text";
        metrics_.add("carevoice_utterances_total", {{"outcome", outcome}});
        on_heard_(std::move(utterance));
    }

    void watch_for_stall() {
        if (watching_for_stall_ || options_.stall_after <= milliseconds{0}) return;
        watching_for_stall_ = group_.spawn(strand_, stall_watch());
    }

    async::Task<> stall_watch() {
        SteadyTime due = last_frame_at_ + options_.stall_after;
        while (speaking()) {
            const auto slept = co_await async::sleep_until(due);
            if (slept.has_error()) break;
            const SteadyTime now = std::chrono::steady_clock::now();
            const auto since = std::chrono::duration_cast<milliseconds>(now - last_frame_at_);
            if (since < options_.stall_after) {
                due = last_frame_at_ + options_.stall_after;
                continue;
            }
            stalled_ = since;
            due = now + stall_tick;
            advance();
        }
        watching_for_stall_ = false;
    }

    const async::Executor strand_;
    SpeechToText& engine_;
    Metrics& metrics_;
    const ListenerOptions options_;
    const std::function<void(Heard)> on_heard_;

    VoiceTracker tracker_;
    std::deque<std::shared_ptr<Turn>> turns_;  // oldest first; only the last may still be open
    Expectation expectation_ = Expectation::anything;
    std::string prompt_;
    SteadyTime last_frame_at_{};
    milliseconds stalled_{0};
    bool watching_for_stall_ = false;
    bool ended_ = false;
    std::size_t decodes_running_ = 0;
    std::vector<std::shared_ptr<asio::steady_timer>> settled_waiters_;
    async::TaskGroup group_{"listener"};
};

Listener::Listener(async::Executor strand, SpeechToText& engine, audio::VoiceDetectorPool& detectors, Metrics& metrics,
                   ListenerOptions options, std::function<void(Heard)> on_heard)
    : impl_(std::make_unique<Impl>(std::move(strand), engine, detectors, metrics, options, std::move(on_heard))) {}

Listener::~Listener() = default;

void Listener::expect(Expectation expectation, std::string prompt) {
    impl_->expect(expectation, std::move(prompt));
}

void Listener::accept(std::span<const std::uint8_t> mulaw, std::uint64_t silence_before_ms) {
    impl_->accept(mulaw, silence_before_ms);
}

bool Listener::speaking() const noexcept {
    return impl_->speaking();
}

std::int64_t Listener::audio_ms() const noexcept {
    return impl_->audio_ms();
}

async::Task<> Listener::settled() {
    return impl_->settled();
}

async::Task<> Listener::finish() {
    return impl_->finish();
}

async::Task<> Listener::stop() {
    return impl_->stop();
}

}  // namespace carevoice::speech
