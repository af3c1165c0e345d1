// What the patient wants of the call itself: once more, slower, a person, later, never again.
#include "domain/dialogue/conversation.h"
#include "domain/dialogue/preferences.h"

#include <algorithm>

namespace carevoice::domain::dialogue {
namespace {

constexpr int repeats_max = 2;  ///< of one question, at the patient's wish, before it counts as not understood

bool has_type(const std::vector<RaisedAlert>& alerts, AlertType type) {
    return std::ranges::any_of(alerts, [&](const RaisedAlert& alert) { return alert.type == type; });
}

}  // namespace

bool Conversation::grant_wish(const Understanding& heard, const std::string& text) {
    if (heard.wish == Wish::stop_calling) {
        stop_calling();
        return true;
    }
    if (heard.wish == Wish::talk_to_person && state_.topic != "callback") {
        if (flag_fact(state_.facts, "callback") == true && state_.nurse_call_promised) {
            close();
            return true;
        }
        put("callback", true);
        promise_nurse_call();
        tell_about_alerts();
        speech_.say("nurse_will_call");
        nurse_just_promised_ = true;
        const auto* topic = current();
        if (heard.unclear && topic != nullptr)
            ask_again(*topic);
        else
            take_answer(heard, text);
        return true;
    }
    // "Spanish, and I'm hard of hearing": an answer all the same.
    if (heard.wish == Wish::slower && hear_preference(state_.topic, text, heard.yes_no)) {
        state_.slower = true;
        return false;
    }
    if (!heard.unclear || state_.topic == "callback") {
        if (heard.wish != Wish::repeat && heard.wish != Wish::slower) return false;
        if (!heard.unclear) return false;
    }
    switch (heard.wish) {
        case Wish::call_later:
            speech_.say("call_later");
            end(CallOutcome::call_later);
            return true;
        case Wish::goodbye:
            speech_.say("goodbye_wish");
            close();
            return true;
        case Wish::who_is_this:
            speech_.say("who_is_this_verified");
            repeat(false);
            return true;
        case Wish::repeat:
        case Wish::slower: repeat(heard.wish == Wish::slower); return true;
        default: return false;
    }
}

void Conversation::repeat(bool slower) {
    const auto* topic = current();
    const int allowed = topic != nullptr && topic->asks == 1 ? 1 : repeats_max;
    if (++state_.repeats > allowed) {
        if (!state_.identity_verified) return ask_identity();
        if (topic != nullptr) return ask_again(*topic);
        return ask_next();
    }
    if (slower)
        speech_.say(state_.slower ? "slower_again" : "slower");
    else if (speech_.text().empty())
        speech_.say("repeat");
    state_.slower = state_.slower || slower;
    speech_.say_text(state_.last_spoken);
    repeating_ = true;
}

void Conversation::stop_calling() {
    step_.opt_out = true;
    put("opt_out", true);
    put("consent", false);
    store_consents();
    speech_.say("opted_out");
    end(CallOutcome::refused);
}

void Conversation::promise_nurse_call() {
    state_.nurse_call_promised = true;
    if (!has_type(step_.alerts, AlertType::patient_concern))
        raise({AlertType::patient_concern, Severity::low, {words_, audio_ms_, "C3", 1}});
    fresh_low_concern_ = false;
}

void Conversation::store_consents() {
    auto consents = context_.patient->consents;
    const bool enrollment = context_.call_type == CallType::enrollment;
    if (flag_fact(state_.facts, "opt_out") == true) consents.calls = false;
    // A caregiver decides about this call alone; that nobody wants to be called is honoured from anybody.
    if (state_.by_caregiver) {
        step_.consents = consents;
        return;
    }
    if (const auto calls = flag_fact(state_.facts, "consent_calls")) consents.calls = *calls;
    if (const auto recording = flag_fact(state_.facts, enrollment ? "consent_recording" : "consent"))
        consents.recording = *recording;
    if (const auto voicemail = flag_fact(state_.facts, "voicemail_ok")) consents.voicemail = *voicemail;
    if (flag_fact(state_.facts, "opt_out") == true) consents.calls = false;
    step_.consents = consents;
}

}  // namespace carevoice::domain::dialogue
