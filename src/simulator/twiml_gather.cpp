// The <Gather> verb of TwimlProgram: prompts that input cuts short, then listening for speech and keys.
#include "simulator/twiml_program.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

namespace carevoice::simulator {

namespace {

/// What Twilio's recogniser waits after the last word when speechTimeout is "auto".
constexpr milliseconds automatic_speech_end{700};

std::string confidence_text(double confidence) {
    char text[16];
    std::snprintf(text, sizeof text, "%.4f", std::clamp(confidence, 0.0, 1.0));
    return text;
}

}  // namespace

async::Task<TwimlProgram::Next> TwimlProgram::gather(GatherVerb verb) {
    const auto began = std::chrono::steady_clock::now();
    if (speech_ && speech_->ends_at < began) speech_.reset();
    keys_.clear();
    wants_speech_ = verb.speech;
    wants_keys_ = verb.dtmf;
    Next next = GoOn{};
    for (const auto& prompt : verb.prompts) {
        if (!std::holds_alternative<GoOn>(next) || heard_input()) break;
        if (const auto* spoken = std::get_if<SayVerb>(&prompt)) {
            next = co_await say(spoken->text, true);
        } else {
            const auto* pause = std::get_if<PauseVerb>(&prompt);
            const auto length = pause != nullptr ? pause->length : voice_time(15);
            next = co_await wait_until(std::chrono::steady_clock::now() + length, true);
        }
    }
    const bool listening = std::holds_alternative<GoOn>(next);
    const auto method = verb.method;
    const auto action = resolve(verb.action);
    if (listening) next = co_await listen(std::move(verb));
    wants_speech_ = wants_keys_ = false;
    // Twilio still asks for the action of a verb that an update cut short.
    const bool redirected = std::holds_alternative<Execute>(next);
    if (redirected) control_.request_only(action, method, {});
    speech_.reset();
    co_return next;
}

async::Task<TwimlProgram::Next> TwimlProgram::listen(GatherVerb verb) {
    const auto listening_since = std::chrono::steady_clock::now();
    while (!keys_complete(verb)) {
        const auto due = input_due(verb).value_or(listening_since + verb.timeout);
        auto event = co_await control_.inbox().pop(Deadline(std::min(due, time_limit_)));
        if (event) {
            if (auto next = interruption(std::move(*event))) co_return std::move(*next);
        } else if (event.error().code != Errc::timed_out || std::chrono::steady_clock::now() >= time_limit_) {
            co_return Next{Over{}};
        } else {
            break;
        }
    }
    co_return gather_result(verb);
}

std::optional<SteadyTime> TwimlProgram::input_due(const GatherVerb& verb) const {
    if (!keys_.empty()) return last_key_ + verb.timeout;
    if (verb.speech && speech_) return speech_->ends_at + verb.speech_timeout.value_or(automatic_speech_end);
    return std::nullopt;
}

bool TwimlProgram::keys_complete(const GatherVerb& verb) const {
    if (!verb.dtmf || keys_.empty()) return false;
    if (!verb.finish_on_key.empty() && keys_.back() == verb.finish_on_key.front()) return true;
    return verb.num_digits > 0 && keys_.size() >= static_cast<std::size_t>(verb.num_digits);
}

TwimlProgram::Next TwimlProgram::gather_result(const GatherVerb& verb) const {
    net::FormFields extra;
    const bool understood = verb.speech && speech_ && speech_->confidence > 0 && !speech_->text.empty();
    if (!keys_.empty()) {
        const bool finished = !verb.finish_on_key.empty() && keys_.back() == verb.finish_on_key.front();
        extra.emplace_back("Digits", finished ? keys_.substr(0, keys_.size() - 1) : keys_);
        extra.emplace_back("FinishedOnKey", finished ? verb.finish_on_key : "");
        extra.emplace_back("msg", "Gather End");
    } else if (understood) {
        extra.emplace_back("SpeechResult", speech_->text);
        extra.emplace_back("Confidence", confidence_text(speech_->confidence));
    } else if (!verb.action_on_empty_result) {
        return GoOn{};
    } else if (verb.speech) {
        extra.emplace_back("SpeechResult", "");
    }
    return Load{resolve(verb.action), verb.method, std::move(extra)};
}

bool TwimlProgram::heard_input() const {
    return (wants_speech_ && speech_) || !keys_.empty();
}

}  // namespace carevoice::simulator
