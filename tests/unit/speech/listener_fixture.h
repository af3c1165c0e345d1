// A listener on an audio clock: an engine and a detector that do as they are told, and a telephone line fed by hand.
#pragma once

#include "audio/mulaw.h"
#include "speech/listener.h"
#include "support/clips.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace carevoice::speech::testing_support {

namespace asio = boost::asio;

/// Answers each clip with what `answer` says: at once, or when release() is called while `hold` is set.
class FakeEngine final : public SpeechToText {
public:
    async::Task<Result<Transcription>> transcribe(Samples16k audio, TranscribeOptions options, Deadline) override {
        clips.push_back(audio->size() / 16);
        const std::size_t number = clips.size();
        prompts.push_back(options.prompt);
        const Live live(*this);
        if (hold) {
            const auto timer =
                std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, SteadyTime::max());
            held_.push_back(timer);
            co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
        }
        co_return answer(number);
    }
    [[nodiscard]] std::size_t load() const noexcept override { return live_; }
    [[nodiscard]] std::size_t workers() const noexcept override { return 1; }

    void release() {
        for (const auto& timer : held_) timer->expires_at(SteadyTime::min());
        held_.clear();
    }
    void always(const std::string& text) {
        answer = [text](std::size_t) -> Result<Transcription> { return said(text); };
    }
    static Result<Transcription> said(const std::string& text) {
        Transcription result;
        result.text = text;
        result.confidence = 0.9;
        return result;
    }

    bool hold = false;
    std::function<Result<Transcription>(std::size_t number)> answer = [](std::size_t) { return said("Yes."); };
    std::vector<std::size_t> clips;  ///< lengths in ms
    std::vector<std::string> prompts;
    std::size_t most_live = 0;

private:
    struct Live {
        explicit Live(FakeEngine& owner_) : owner(owner_) {
            owner.most_live = std::max(owner.most_live, ++owner.live_);
        }
        ~Live() { --owner.live_; }
        Live(const Live&) = delete;
        Live& operator=(const Live&) = delete;
        FakeEngine& owner;
    };
    std::size_t live_ = 0;
    std::vector<std::shared_ptr<asio::steady_timer>> held_;
};

/// Calls everything loud speech.
class FakeDetectorPool final : public audio::VoiceDetectorPool {
public:
    Borrowed borrow() override {
        if (exhausted) return nullptr;
        ++borrowed;
        ++out;
        return Borrowed(new Detector, Return{this});
    }
    int borrowed = 0;
    int out = 0;
    bool exhausted = false;

protected:
    void give_back(audio::VoiceDetector* detector) noexcept override {
        delete detector;
        --out;
    }

private:
    class Detector final : public audio::VoiceDetector {
    public:
        float probability(std::span<const float> window) override {
            double energy = 0;
            for (const float sample : window) energy += static_cast<double>(sample * sample);
            return energy / static_cast<double>(window.size()) > 1e-4 ? 0.95F : 0.02F;
        }
        void reset() override {}
    };
};

class ListenerTest : public testing::Test {
protected:
    ListenerTest() { options_.stall_after = milliseconds{0}; }
    ~ListenerTest() override {
        if (listener_) drive(listener_->stop());
    }

    void start() {
        listener_ = std::make_unique<Listener>(context_.get_executor(), engine_, detectors_, metrics_, options_,
                                               [this](Heard heard) {
                                                   times_.push_back(listener_->audio_ms());
                                                   heard_.push_back(std::move(heard));
                                               });
    }

    void speak(int ms) { feed(tests::noise(3'000, static_cast<std::size_t>(ms) * 8, ++seed_)); }
    void be_silent(int ms) { feed(std::vector<std::int16_t>(static_cast<std::size_t>(ms) * 8, 0)); }

    void feed(const std::vector<std::int16_t>& samples) {
        std::vector<std::uint8_t> codes;
        for (const std::int16_t sample : samples) codes.push_back(audio::mulaw_encode(sample));
        for (std::size_t at = 0; at < codes.size(); at += frame_) {
            listener_->accept(std::span(codes).subspan(at, std::min(frame_, codes.size() - at)), 0);
            settle();
        }
    }

    /// Lets everything run that can, without waiting for any clock.
    void settle() {
        context_.restart();
        context_.poll();
    }

    template <class T>
    T drive(async::Task<T> work) {
        context_.restart();
        auto done = asio::co_spawn(context_, std::move(work), asio::use_future);
        while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) context_.run_one();
        return done.get();
    }

    template <class Kind>
    std::vector<Kind> all() const {
        std::vector<Kind> result;
        for (const auto& heard : heard_)
            if (const auto* it = std::get_if<Kind>(&heard)) result.push_back(*it);
        return result;
    }
    std::vector<Utterance> utterances() const { return all<Utterance>(); }
    std::vector<std::string> texts() const {
        std::vector<std::string> result;
        for (const auto& utterance : utterances()) result.push_back(utterance.text);
        return result;
    }
    /// Audio time at which the newest event came.
    std::int64_t last_time() const { return times_.empty() ? -1 : times_.back(); }

    asio::io_context context_{1};
    FakeEngine engine_;
    FakeDetectorPool detectors_;
    NoMetrics metrics_;
    ListenerOptions options_;
    std::vector<Heard> heard_;
    std::vector<std::int64_t> times_;
    std::size_t frame_ = 160;
    unsigned seed_ = 0;
    std::unique_ptr<Listener> listener_;
};

}  // namespace carevoice::speech::testing_support
