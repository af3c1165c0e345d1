#include "simulator/patient.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace carevoice::simulator {

namespace {

constexpr int topic_tries = 3;
constexpr milliseconds topic_retry_wait{200};
constexpr milliseconds shortest_moment{300};
constexpr milliseconds longest_moment{600};
constexpr double barge_in_point = 0.6;  ///< of the voice's sentence
constexpr milliseconds barge_in_stream{1'500};
constexpr milliseconds beep_length{500};
constexpr double beep_hertz = 1'000;
constexpr milliseconds recording_max{60'000};

SteadyTime now() {
    return std::chrono::steady_clock::now();
}

bool mentions(const std::string& text, std::string_view word) {
    return text.find(word) != std::string::npos;
}

}  // namespace

Manner manner_of(const Scenario& scenario) {
    Manner manner;
    const auto& voice = scenario.persona.voice;
    if (mentions(voice, "slow") || mentions(voice, "elderly") || mentions(voice, "tired")) manner.speed = 0.92;
    if (mentions(voice, "fast") || mentions(voice, "brisk")) manner.speed = 1.08;
    if (mentions(voice, "quiet")) manner.volume = 0.35;
    if (mentions(voice, "soft")) manner.volume = 0.6;
    return manner;
}

Patient::Patient(PatientParts parts, std::uint64_t seed)
    : parts_(std::move(parts)),
      random_(seed),
      answers_(parts_.scenario, random_),
      manner_(manner_of(*parts_.scenario)) {}

Pickup Patient::on_ring() {
    return Pickup::answers;
}

void Patient::voice_begins(std::string, SteadyTime ends_at) {
    ears_.try_push({true, now(), ends_at});
}

void Patient::voice_ends(bool) {
    ears_.try_push({false, now(), {}});
}

async::Task<> Patient::live(Line& line) {
    for (;;) {
        const auto heard = co_await ears_.pop(Deadline(reply_at_));
        if (heard) {
            take_in(*heard);
            continue;
        }
        if (heard.error().code != Errc::timed_out) co_return;
        const bool stays = co_await react(line);
        if (!stays) co_return;
    }
}

void Patient::take_in(const Heard& heard) {
    if (!heard.begins) {
        if (owes_answer_) reply_at_ = after_a_moment(std::max(heard.at, speaking_until_));
        return;
    }
    owes_answer_ = true;
    reply_at_ = SteadyTime::max();
    if (!parts_.scenario->behaviour.barge_in || leaving_) return;
    auto point = heard.at + barge_in_stream;
    if (heard.ends_at != SteadyTime::max()) {
        const auto length = std::chrono::duration<double>(heard.ends_at - heard.at) * barge_in_point;
        point = heard.at + std::chrono::duration_cast<SteadyTime::duration>(length);
    }
    reply_at_ = std::max(point, speaking_until_);
}

/// False once the patient has hung up.
async::Task<bool> Patient::react(Line& line) {
    reply_at_ = SteadyTime::max();
    if (leaving_) {
        line.hang_up();
        co_return false;
    }
    auto topic = co_await find_topic();
    // The voice spoke again, or fell silent, meanwhile: listen first.
    if (ears_.size() > 0) co_return true;
    owes_answer_ = false;
    if (topic.empty()) co_return true;
    auto text = answers_.next(topic);
    if (parts_.on_answer) parts_.on_answer(topic, text);
    if (!parts_.scenario->behaviour.hangs_up_after.empty() && topic == parts_.scenario->behaviour.hangs_up_after)
        leaving_ = true;
    if (!is_speakable(text)) co_return true;
    const auto clip = co_await parts_.voices.clip(text, manner_.speed, manner_.volume);
    if (!clip || (*clip)->mulaw.empty()) co_return true;
    const double confidence = parts_.scenario->mumbles() ? 0.3 : 0.85 + 0.12 * random_.next_unit();
    speaking_until_ = line.speak(*clip, std::move(text), confidence);
    co_return true;
}

async::Task<std::string> Patient::find_topic() {
    for (int i = 0; i < topic_tries; ++i) {
        auto topic = co_await parts_.topics->current_topic();
        if (topic) co_return std::move(*topic);
        const auto slept = co_await async::sleep_for(topic_retry_wait);
        if (!slept) break;
    }
    co_return "unknown";
}

SteadyTime Patient::after_a_moment(SteadyTime from) {
    const auto span = static_cast<double>((longest_moment - shortest_moment).count()) * random_.next_unit();
    return from + shortest_moment + milliseconds{static_cast<milliseconds::rep>(span)};
}

AnsweringMachine::AnsweringMachine(SharedClip greeting, std::string greeting_text, milliseconds beep_after,
                                   std::function<void(std::string)> on_recorded)
    : greeting_(std::move(greeting)),
      greeting_text_(std::move(greeting_text)),
      beep_after_(std::max(beep_after, greeting_->length() + milliseconds{200})),
      on_recorded_(std::move(on_recorded)) {}

Verdict AnsweringMachine::verdict() const {
    return {true, beep_after_ + beep_length};
}

async::Task<> AnsweringMachine::live(Line& line) {
    const auto began = now();
    line.speak(greeting_, greeting_text_, 0.9);
    const auto greeted = co_await async::sleep_until(began + beep_after_);
    if (!greeted) co_return;
    line.speak(make_tone(beep_hertz, beep_length), "(beep)", 0);
    const auto beeped = co_await async::sleep_until(began + beep_after_ + beep_length);
    if (!beeped) co_return;
    recording_ = true;
    for (const Deadline tape = Deadline::in(recording_max);;) {
        auto heard = co_await ears_.pop(tape);
        if (heard && on_recorded_) on_recorded_(std::move(*heard));
        if (!heard && heard.error().code == Errc::timed_out) line.hang_up();
        if (!heard) co_return;
    }
}

void AnsweringMachine::voice_begins(std::string text, SteadyTime) {
    if (recording_) ears_.try_push(std::move(text));
}

}  // namespace carevoice::simulator
