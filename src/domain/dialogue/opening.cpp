// The beginning of a call: greeting, machines, and who is on the line. Not a word of health is said here.
#include "domain/dialogue/conversation.h"
#include "domain/dialogue/identity.h"
#include "domain/dialogue/words.h"

#include <algorithm>

namespace carevoice::domain::dialogue {
namespace {

/// A greeting ends, then comes the beep: without word of it we speak after so long a silence.
constexpr milliseconds beep_patience{5000};

bool has_any(std::string_view padded, const std::vector<std::string>& phrases) {
    return std::ranges::any_of(phrases, [&](const std::string& phrase) { return has_phrase(padded, phrase); });
}

bool refuses_date(std::string_view padded) {
    for (const auto* phrase :
         {"dont give", "not giving", "not going to give", "wont give", "not comfortable", "rather not",
          "why do you need", "why do you want", "none of your", "not telling", "dont want to say"})
        if (has_phrase(padded, phrase)) return true;
    return false;
}

/// "Hello?": they picked up, but did not hear who we are.
bool is_mere_hello(std::string_view padded) {
    return padded == " hello " || padded == " hello hello " || padded == " hi " || padded == " yes hello " ||
           padded == " hello yes ";
}

}  // namespace

void Conversation::greet() {
    if (state_.phase != DialoguePhase::opening) {
        speech_.say_text(state_.last_spoken);
        repeating_ = true;
        return;
    }
    state_.phase = DialoguePhase::identity;
    state_.topic = "identity";
    state_.attempts = 1;
    state_.asked["identity"] = 1;
    set_state("identity", TopicState::asked);
    speech_.say("greeting");
}

void Conversation::take_machine(std::string_view text) {
    if (state_.identity_verified) {
        // A late verdict about somebody who has long been talking with us.
        speech_.say_text(state_.last_spoken);
        repeating_ = true;
        return;
    }
    if (text == "fax") {
        speech_.say("goodbye");
        return end(CallOutcome::no_answer);
    }
    if (text == "beep") return leave_voicemail();
    wait_for_beep();
}

void Conversation::wait_for_beep() {
    state_.phase = DialoguePhase::identity;
    state_.machine = true;
    state_.topic.clear();
    step_.move.patience = beep_patience;
}

void Conversation::leave_voicemail() {
    state_.machine = false;
    speech_.say("voicemail");
    end(CallOutcome::voicemail);
}

bool Conversation::is_machine_greeting(const std::string& text) const {
    return has_any(padded_words(text), book_.wording.machine_greetings);
}

bool Conversation::is_wrong_number(const Understanding& heard, const std::string& text) const {
    return heard.wish == Wish::wrong_person || has_any(padded_words(text), book_.wording.wrong_number);
}

void Conversation::take_opening(const Understanding& heard, const std::string& text) {
    const auto padded = padded_words(text);
    const bool machine_words = is_machine_greeting(text);
    if (state_.identity_verified && !machine_words) {
        if (heard.wish == Wish::stop_calling) return stop_calling();
        return verified(heard);
    }
    if (machine_words) {
        state_.identity_verified = false;
        return wait_for_beep();
    }
    if (state_.machine) {
        // Somebody picks up while the machine plays; anything else is more of its greeting.
        if (!has_phrase(padded, "hello") && !state_.name_heard) return wait_for_beep();
        state_.machine = false;
    }
    if (state_.phase == DialoguePhase::opening) return greet();
    state_.topic = "identity";
    if (heard.wish == Wish::stop_calling) return stop_calling();
    if (is_wrong_number(heard, text)) {
        speech_.say("wrong_number");
        return end(CallOutcome::wrong_person);
    }
    if (has_any(padded, book_.wording.call_screening)) {
        speech_.say("screening");
        repeating_ = true;
        return;
    }
    const auto person = hear_identity(text, *context_.patient);
    if (person.other_person) return take_other_person(person.absent);
    if (wait_for_patient(padded)) return;
    const bool hello = is_mere_hello(padded) && state_.asked["identity"] == 1;
    switch (hello ? Wish::who_is_this : heard.wish) {
        case Wish::call_later:
        case Wish::goodbye: speech_.say("call_later"); return end(CallOutcome::call_later);
        case Wish::who_is_this:
            if (state_.repeats >= 2) return ask_identity();
            ++state_.repeats;
            speech_.say("who_is_this");
            speech_.say(state_.asked["identity"] <= 1 ? "may_i_speak" : "ask_identifiers");
            return;
        case Wish::repeat:
        case Wish::slower: return repeat(heard.wish == Wish::slower);
        case Wish::talk_to_person: promise_nurse_call(); break;
        default: break;
    }
    if (!overheard_) ask_identity(heard.declined || refuses_date(padded));
}

void Conversation::ask_identity(bool date_refused) {
    const int asked = state_.asked["identity"];
    if (asked >= asks_max) {
        set_state("identity", TopicState::unclear);
        speech_.say("identity_failed");
        return end(state_.name_heard ? CallOutcome::partial : CallOutcome::wrong_person);
    }
    state_.asked["identity"] = asked + 1;
    state_.attempts = asked + 1;
    state_.repeats = 0;
    if (state_.caregiver_claims) return speech_.say(state_.caregiver_named ? "ask_caregiver_patient" : "ask_caregiver");
    const bool date_wanted = !state_.date_heard && (state_.name_heard || date_refused);
    if (date_wanted && (asked > 1 || date_refused)) state_.digits_asked = true;
    if (date_wanted && date_refused)
        speech_.say("ask_phone_digits");
    else if (date_wanted)
        speech_.say(asked == 1 ? "ask_date_of_birth" : "ask_date_keys");
    else if (state_.date_heard)
        speech_.say("ask_name");
    else
        speech_.say(asked == 1 ? "ask_identifiers" : "ask_identifiers_again");
}

void Conversation::verified(const Understanding& heard) {
    state_.machine = false;
    state_.repeats = 0;
    put("identity_verified", true);
    set_state("identity", TopicState::answered);
    if (state_.by_caregiver) put("answered_by", std::string("caregiver"));
    speech_.say(state_.by_caregiver ? "verified_caregiver" : "verified");
    const bool resumed = std::ranges::any_of(state_.asked, [](const auto& topic) { return topic.first != "identity"; });
    const bool still_to_come = context_.post_operative_day && *context_.post_operative_day < 0;
    if (!resumed)
        speech_.say_one_of("purpose", still_to_come && !protocol_.purpose_before.empty() ? protocol_.purpose_before
                                                                                         : protocol_.purpose);
    if (heard.wish == Wish::talk_to_person) {
        put("callback", true);
        promise_nurse_call();
    }
    tell_about_alerts();
    ask_next();
}

}  // namespace carevoice::domain::dialogue
