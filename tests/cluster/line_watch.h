// What the patients heard, and for how long they heard nothing.
#pragma once

#include "cluster/tone_speech.h"
#include "simulator/call_event.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace carevoice::tests {

/// Gets every event of the simulated network. Thread-safe.
class LineWatch {
public:
    void take(const simulator::CallEvent& event) {
        {
            const std::lock_guard lock(mutex_);
            events_.push_back(event);
            hear(event);
        }
        changed_.notify_all();
    }

    /// Waits for the `count`th event of that kind, in any call; nullopt after a minute.
    std::optional<simulator::CallEvent> wait_for(simulator::CallEventKind kind, int count = 1) {
        std::unique_lock lock(mutex_);
        std::optional<simulator::CallEvent> found;
        changed_.wait_for(lock, std::chrono::minutes(1), [&] {
            int seen = 0;
            for (const auto& event : events_)
                if (event.kind == kind && ++seen == count) found = event;
            return found.has_value();
        });
        return found;
    }

    [[nodiscard]] std::size_t count(simulator::CallEventKind kind) const {
        const std::lock_guard lock(mutex_);
        return static_cast<std::size_t>(std::ranges::count(events_, kind, &simulator::CallEvent::kind));
    }

    /// The longest time in any call that neither voice nor patient made a sound, between answer and end.
    [[nodiscard]] milliseconds longest_silence() const {
        const std::lock_guard lock(mutex_);
        return longest_;
    }
    /// Around the longest silence, for people.
    [[nodiscard]] std::string where() const {
        const std::lock_guard lock(mutex_);
        return where_;
    }
    /// What Twilio's error log would show.
    [[nodiscard]] std::vector<std::string> troubles() const {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> texts;
        for (const auto& event : events_)
            if (event.kind == simulator::CallEventKind::trouble)
                texts.push_back(std::to_string(event.code) + " " + event.text);
        return texts;
    }

private:
    struct Sound {
        bool answered = false;
        bool voice_on = false;
        SteadyTime quiet_since{};
        std::string last;
    };

    void hear(const simulator::CallEvent& event) {
        using Kind = simulator::CallEventKind;
        Sound& sound = sounds_[event.call_sid];
        switch (event.kind) {
            case Kind::answered:
                sound.answered = true;
                sound.quiet_since = event.at;
                sound.last = "(answered)";
                break;
            case Kind::voice_said:
                end_silence(sound, event, "voice: " + event.text);
                sound.voice_on = true;
                break;
            case Kind::voice_cut:
            case Kind::voice_ended:
                sound.voice_on = false;
                sound.quiet_since = std::max(sound.quiet_since, event.at);
                break;
            case Kind::patient_spoke:
                end_silence(sound, event, "patient: " + event.text);
                sound.quiet_since = std::max(sound.quiet_since, event.at + tone_length);
                break;
            case Kind::ended: end_silence(sound, event, "(ended)"); break;
            default: break;
        }
    }

    void end_silence(Sound& sound, const simulator::CallEvent& event, std::string next) {
        if (sound.answered && !sound.voice_on) {
            const auto silence = std::chrono::duration_cast<milliseconds>(event.at - sound.quiet_since);
            if (silence > longest_) {
                longest_ = silence;
                where_ = event.call_sid + " between '" + sound.last + "' and '" + next + "'";
            }
        }
        sound.last = std::move(next);
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<simulator::CallEvent> events_;
    std::map<std::string, Sound> sounds_;
    milliseconds longest_{0};
    std::string where_;
};

}  // namespace carevoice::tests
