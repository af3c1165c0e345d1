// Speech that costs nothing: each sentence is a short tone of its own, and a speech-to-text server that knows them all.
#pragma once

#include "audio/wav.h"
#include "net/server.h"
#include "speech/text_to_speech.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <mutex>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::tests {

inline constexpr milliseconds tone_length{400};

/// Thread-safe.
class ToneBook {
public:
    /// The tone of `text`, from 300 Hz up in steps of 20; throws when the telephone's band is full.
    double hertz_of(const std::string& text) {
        const std::lock_guard lock(mutex_);
        const auto found = std::ranges::find(texts_, text);
        const auto index = found - texts_.begin();
        if (found == texts_.end()) texts_.push_back(text);
        if (texts_.size() > tones_max) throw std::logic_error("too many different sentences for a telephone");
        return lowest_hertz + step_hertz * static_cast<double>(index);
    }

    /// What the tone in `samples` says; empty when there is none.
    std::string heard_in(std::span<const float> samples, int rate_hz) {
        const std::lock_guard lock(mutex_);
        double total = 0;
        for (const float sample : samples) total += static_cast<double>(sample) * sample;
        std::size_t best = 0;
        double best_share = 0;
        for (std::size_t i = 0; i < texts_.size(); ++i) {
            const double found = share(samples, rate_hz, lowest_hertz + step_hertz * static_cast<double>(i), total);
            if (found > best_share) best = i;
            best_share = std::max(best_share, found);
        }
        return best_share > 0.2 ? texts_[best] : std::string();
    }

private:
    static constexpr double lowest_hertz = 300;
    static constexpr double step_hertz = 20;
    static constexpr std::size_t tones_max = 140;

    /// The part of the clip's energy at that tone, by Goertzel's algorithm: 1 for a pure tone over the whole clip.
    static double share(std::span<const float> samples, int rate_hz, double hertz, double total) {
        const double factor = 2 * std::cos(2 * std::numbers::pi * hertz / rate_hz);
        double before = 0;
        double last = 0;
        for (const float sample : samples) {
            const double next = static_cast<double>(sample) + factor * last - before;
            before = last;
            last = next;
        }
        const double energy = last * last + before * before - factor * last * before;
        // A tone that fills only a part of the clip counts by the square of that part.
        return total > 0 ? 2 * energy / (total * static_cast<double>(samples.size())) : 0;
    }

    std::mutex mutex_;
    std::vector<std::string> texts_;
};

class ToneVoice final : public speech::TextToSpeech {
public:
    explicit ToneVoice(ToneBook& book) : book_(book) {}

    async::Task<Result<speech::SpokenAudio>> speak(std::string text, double, Deadline) override {
        speech::SpokenAudio audio;
        audio.sample_rate_hz = 8'000;
        const double turn = 2 * std::numbers::pi * book_.hertz_of(text) / audio.sample_rate_hz;
        for (int i = 0; i < 8 * tone_length.count(); ++i)
            audio.samples.push_back(0.5F * static_cast<float>(std::sin(turn * i)));
        co_return audio;
    }

private:
    ToneBook& book_;
};

/// POST /v1/audio/transcriptions for ToneVoice's patients.
class ToneServer {
public:
    /// What was understood, before it is answered. Called on the server's threads.
    using Observer = std::function<void(const std::string& text)>;

    explicit ToneServer(ToneBook& book) : book_(book) {}

    net::Router router() {
        net::Router router;
        router.on("POST", "/v1/audio/transcriptions", [this](net::HttpRequest request) { return answer(request); });
        return router;
    }
    void observe(Observer observer) {
        const std::lock_guard lock(mutex_);
        observer_ = std::move(observer);
    }

private:
    async::Task<net::HttpResponse> answer(net::HttpRequest request) {
        const auto begin = request.body.find("RIFF");
        if (begin == std::string::npos) co_return net::text_response(400, "text/plain", "no audio");
        const std::span file(request.body.data() + begin, request.body.size() - begin);
        const auto clip = audio::read_wav(std::as_bytes(file));
        if (clip.has_error()) co_return net::text_response(400, "text/plain", "no WAVE file");
        const auto text = book_.heard_in(clip->samples, clip->sample_rate_hz);
        Observer observer;
        {
            const std::lock_guard lock(mutex_);
            observer = observer_;
        }
        if (observer) observer(text);
        const boost::json::object body{
            {"text", text},
            {"segments",
             boost::json::array{boost::json::object{
                 {"text", text}, {"start", 0}, {"end", 0.4}, {"avg_logprob", -0.1}, {"no_speech_prob", 0}}}}};
        co_return net::text_response(200, "application/json", boost::json::serialize(body));
    }

    ToneBook& book_;
    std::mutex mutex_;
    Observer observer_;
};

}  // namespace carevoice::tests
