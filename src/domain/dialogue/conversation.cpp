#include "domain/dialogue/conversation.h"

#include "core/text.h"
#include "domain/dialogue/identity.h"
#include "domain/dialogue/words.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace carevoice::domain::dialogue {
namespace {

constexpr std::size_t text_bytes_max = 20'000;  ///< a quarter of an hour of speech; nobody says more in one turn
constexpr int silences_max = 2;                 ///< "are you still there?" so often
constexpr int crisis_turns_max = 12;
constexpr milliseconds crisis_patience{15000};

Severity severity_of(const std::map<std::string, std::string>& raised, std::string_view type) {
    const auto found = raised.find(std::string(type));
    return found == raised.end() ? Severity::low : parse_severity(found->second).value_or(Severity::low);
}

/// The gravest emergency of this event by the rules or by an answer of the patient; nullptr when there is none. What
/// other readers saw is asked about first (check.cpp).
const RaisedAlert* gravest_emergency(const std::vector<RaisedAlert>& alerts) {
    const RaisedAlert* gravest = nullptr;
    for (const auto& alert : alerts)
        if (alert.type == AlertType::emergency && alert.evidence.reader == Reader::rules &&
            (gravest == nullptr || alert.severity > gravest->severity))
            gravest = &alert;
    return gravest;
}

/// Numbers in these answers are dates, telephone numbers and hours: never a temperature or a pain score.
bool asks_for_other_numbers(std::string_view topic) {
    return topic == "identity" || topic == "preferred_time" || topic.starts_with("caregiver") ||
           topic.starts_with("phq2_");
}

void forget_lone_numbers(Understanding& heard) {
    heard.facts.erase("pain_score");
    heard.facts.erase("temperature_f");
    std::erase_if(heard.alerts, [](const RaisedAlert& alert) {
        const auto said = padded_words(alert.evidence.text);
        const bool named = has_phrase(said, "fever*") || has_phrase(said, "temp*") || has_phrase(said, "pain*") ||
                           has_phrase(said, "hurt*") || has_phrase(said, "chills") || has_phrase(said, "shaking");
        const auto& rule = alert.evidence.rule;
        return !named && (rule.starts_with("P") || rule.starts_with("F") || rule == "E9");
    });
}

}  // namespace

const Protocol& ProtocolBook::of(CallType type) const {
    switch (type) {
        case CallType::enrollment: return enrollment;
        case CallType::education: return education;
        case CallType::followup: break;
    }
    return followup;
}

Conversation::Conversation(const ProtocolBook& book, DialogueState& state, const DialogueContext& context)
    : book_(book),
      protocol_(book.of(context.call_type)),
      state_(state),
      context_(context),
      speech_(book.wording, state, context) {}

DialogueStep Conversation::take(const DialogueEvent& given) {
    auto event = given;
    // The middle goes: people begin with the answer and end with what troubles them.
    if (event.text.size() > text_bytes_max) event.text.erase(text_bytes_max / 2, event.text.size() - text_bytes_max);
    // Bytes that are no text would make the stored state unreadable.
    if (!is_valid_utf8(event.text)) std::erase_if(event.text, [](char c) { return (c & 0x80) != 0; });
    words_ = event.text;
    overheard_ = event.overheard;
    audio_ms_ = event.audio_ms;
    findings_ = std::move(event.findings);
    ++state_.events;
    if (event.kind == DialogueEventKind::hung_up) {
        take_hang_up();
        return std::move(step_);
    }
    if (event.kind == DialogueEventKind::second_thoughts) {
        take_second_thoughts(event.text);
    } else if (state_.phase == DialoguePhase::ended) {
        take_after_end(event);
    } else {
        switch (event.kind) {
            case DialogueEventKind::answered: greet(); break;
            case DialogueEventKind::utterance: take_words(event.text); break;
            case DialogueEventKind::silence: take_silence(); break;
            case DialogueEventKind::key: take_key(event); break;
            case DialogueEventKind::machine: take_machine(event.text); break;
            case DialogueEventKind::second_thoughts:
            case DialogueEventKind::time_is_up:
            case DialogueEventKind::hung_up: run_out_of_time(); break;
        }
        if (state_.phase != DialoguePhase::ended && state_.events >= events_max) {
            speech_.clear();
            run_out_of_time();
        }
    }
    finish_move();
    return std::move(step_);
}

void Conversation::run_out_of_time() {
    if (state_.identity_verified) speech_.say("time_is_up");
    close();
}

void Conversation::take_words(const std::string& text) {
    state_.silences = 0;
    const bool was_verified = state_.identity_verified;
    auto heard = read(text);
    if (!was_verified || asks_for_other_numbers(state_.topic)) forget_lone_numbers(heard);
    if (!was_verified) hear_who(text);
    // A recorded greeting ("I can't get to the phone") says nothing about anybody's health.
    if (!was_verified && is_machine_greeting(text)) return take_opening(heard, text);
    learn(heard);
    if (!state_.checking.empty() && take_check(heard)) return;
    if (!heard.to_check.empty() && begin_check(heard)) return;
    // A bare "yes" to the breathing question: ask which, once; the second time it is taken at its worst.
    const auto* topic = current();
    const auto* emergency = gravest_emergency(step_.alerts);
    const bool ask_which = emergency != nullptr && emergency->severity < Severity::urgent && heard.unclear &&
                           topic != nullptr && topic->read_as == "breathing" &&
                           state_.asked[topic->name] < topic->asks && state_.attempts < 2;
    if (!ask_which && answer_emergency()) return;
    if (state_.phase == DialoguePhase::closing) return take_in_crisis(heard);
    if (!was_verified) return take_opening(heard, text);
    if (take_over_by_other(text)) return;
    if (grant_wish(heard, text)) return;
    if (!overheard_) take_answer(heard, text);
}

void Conversation::take_key(const DialogueEvent& event) {
    std::string keys;
    for (const char c : event.text)
        if (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '*') keys += c;
    if (!state_.identity_verified) {
        // A date of birth may come key by key.
        state_.keys_heard = (state_.keys_heard + keys).substr(0, 16);
        state_.silences = 0;
        const bool digits = state_.digits_asked && state_.keys_heard.size() == 4 &&
                            hear_last_digits(state_.keys_heard, context_.patient->phone);
        if (state_.keys_heard.size() < 8 && !digits) {
            speech_.say_text("Go on.");
            return;
        }
        words_ = std::exchange(state_.keys_heard, {});
        return take_words(words_);
    }
    const auto* topic = current();
    if (keys == "*") keys = "10";
    words_ = keys;
    const bool checking = !state_.checking.empty();
    const bool yes_no =
        checking || (topic != nullptr && (topic->answers == AnswerKind::yes_no || !state_.read_back.empty()));
    if (yes_no && (keys == "1" || keys == "2"))
        words_ = keys == "1" ? "yes" : "no";
    else if (topic != nullptr && !topic->key_words.empty() && keys.size() == 1 && keys[0] >= '1' &&
             static_cast<std::size_t>(keys[0] - '1') < topic->key_words.size())
        words_ = topic->key_words[static_cast<std::size_t>(keys[0] - '1')];
    take_words(words_);
}

void Conversation::take_silence() {
    if (state_.machine) return leave_voicemail();
    if (state_.phase == DialoguePhase::opening) return greet();
    if (!state_.checking.empty()) return void(take_check({}));
    ++state_.silences;
    if (state_.phase == DialoguePhase::closing) {
        speech_.say("still_with_you");
        if (state_.silences > silences_max) end(CallOutcome::escalated);
        return;
    }
    if (state_.silences > silences_max) {
        speech_.say(state_.identity_verified ? "silence_nurse" : "silence_goodbye");
        if (state_.identity_verified) {
            put("callback", true);
            state_.nurse_call_promised = true;
        }
        raise({AlertType::patient_concern, Severity::low, {"no answer to our questions", audio_ms_, "S1", 1}});
        return end(CallOutcome::partial);
    }
    if (!state_.identity_verified) return speech_.say("still_there_opening");
    speech_.say("still_there");
    const auto* topic = current();
    if (topic != nullptr && state_.read_back.empty() && may_ask(*topic)) ask(*topic);
}

void Conversation::take_hang_up() {
    step_.move.end_call = true;
    if (state_.phase == DialoguePhase::ended) return;
    if (!state_.checking.empty()) return end(CallOutcome::escalated);
    end(all_important_known() ? CallOutcome::completed : CallOutcome::dropped);
}

void Conversation::take_after_end(const DialogueEvent& event) {
    if (event.kind == DialogueEventKind::utterance) {
        learn(read(event.text));
        if (!state_.emergency_spoken && answer_emergency()) return;
    }
    speech_.say("after_end");
    if (state_.emergency_spoken) speech_.say("close_emergency");
    step_.move.end_call = true;
}

void Conversation::take_in_crisis(const Understanding& heard) {
    ++state_.attempts;
    if (heard.yes_no == true) step_.move.transfer_to_person = true;
    speech_.say("still_with_you");
    if (heard.wish == Wish::goodbye || state_.attempts > crisis_turns_max) end(CallOutcome::escalated);
}

Understanding Conversation::read(const std::string& text) const {
    UtteranceContext context;
    context.call_type = context_.call_type;
    const auto* topic = current();
    if (overheard_ && !state_.topic_before.empty()) topic = protocol_.find(state_.topic_before);
    context.question = topic == nullptr ? state_.topic : topic->read_as;
    context.family = context_.patient->procedure_family;
    context.post_operative_day = context_.post_operative_day;
    context.medications = context_.patient->medications;
    context.age = context_.age;
    context.by_caregiver = state_.by_caregiver;
    context.lives_alone = context_.patient->lives_alone;
    context.prior_pain_scores = context_.prior_pain_scores;
    context.open_rules = context_.open_rules;
    context.audio_ms = audio_ms_;
    return book_.reader->read(text, context, findings_);
}

void Conversation::learn(const Understanding& heard) {
    // Until we know who speaks, only what cannot wait counts: a stranger's ailments are not the patient's.
    for (const auto& alert : heard.alerts)
        if (state_.identity_verified || alert.severity >= Severity::high) raise(alert);
    if (!state_.identity_verified) return;
    merge(state_.facts, heard.facts);
    merge(step_.learned, heard.facts);
    if (heard.facts.contains("pain_score")) note_trend();
    if (heard.facts.contains("wound_signs")) note_new_wound_signs();
}

void Conversation::raise(RaisedAlert alert) {
    const std::string type(to_string(alert.type));
    const auto found = state_.raised.find(type);
    const bool rises = found == state_.raised.end() || alert.severity > severity_of(state_.raised, type);
    if (rises) {
        state_.raised[type] = std::string(to_string(alert.severity));
        if (alert.severity >= Severity::moderate) std::erase(state_.told, type);
        if (alert.type == AlertType::patient_concern && alert.severity == Severity::low) fresh_low_concern_ = true;
    }
    step_.alerts.push_back(std::move(alert));
}

bool Conversation::answer_emergency() {
    const auto* emergency = gravest_emergency(step_.alerts);
    if (emergency == nullptr) return false;
    speak_emergency(emergency->evidence.rule);
    return true;
}

void Conversation::speak_emergency(const std::string& rule) {
    auto words = book_.wording.emergencies.find(rule);
    if (words == book_.wording.emergencies.end()) words = book_.wording.emergencies.find("E1");
    speech_.clear();
    speech_.say_text(state_.identity_verified ? words->second.text : words->second.before_identity);
    state_.emergency_spoken = true;
    state_.read_back.clear();
    state_.checking.clear();
    step_.move.transfer_to_person = true;
    if (words->first != "E6") return end(CallOutcome::escalated);
    // Never end first: stay on the line until they say good-bye or fall silent.
    state_.phase = DialoguePhase::closing;
    state_.topic.clear();
    state_.attempts = 0;
    state_.outcome = CallOutcome::escalated;
}

void Conversation::tell_about_alerts() {
    bool news = false;
    const bool first = state_.told.empty();
    for (const auto& [type, severity] : state_.raised) {
        const auto grade = parse_severity(severity).value_or(Severity::low);
        if (type == to_string(AlertType::emergency) || grade < Severity::moderate) continue;
        if (std::ranges::find(state_.told, type) != state_.told.end()) continue;
        state_.told.push_back(type);
        news = true;
    }
    const bool more = std::ranges::any_of(step_.alerts, [](const RaisedAlert& alert) {
        return alert.type != AlertType::emergency && alert.severity >= Severity::moderate;
    });
    if (news || more) {
        if (first)
            speech_.say("team_told_today");
        else
            speech_.say_if_new("team_told_again");
    } else if (fresh_low_concern_ && state_.topic != "callback") {
        speech_.say_if_new("concern_noted");
    }
    fresh_low_concern_ = false;
}

void Conversation::close() {
    const bool all_known = all_important_known();
    if (state_.identity_verified) {
        speech_.say("close_thanks");
        if (state_.nurse_call_promised && !nurse_just_promised_) speech_.say("close_nurse");
        const bool grave = std::ranges::any_of(state_.raised, [&](const auto& raised) {
            return severity_of(state_.raised, raised.first) >= Severity::high;
        });
        speech_.say(grave ? "close_call_today" : "close_number");
        speech_.say("close_emergency");
    }
    speech_.say("goodbye");
    end(all_known ? CallOutcome::completed : CallOutcome::partial);
}

void Conversation::end(CallOutcome outcome) {
    for (auto& progress : state_.topics)
        if (progress.state == TopicState::pending) progress.state = TopicState::skipped;
    state_.phase = DialoguePhase::ended;
    state_.topic.clear();
    state_.read_back.clear();
    state_.outcome = state_.emergency_spoken ? CallOutcome::escalated : outcome;
    step_.move.end_call = true;
}

void Conversation::finish_move() {
    auto& move = step_.move;
    move.speak = speech_.text();
    move.pauses = speech_.pauses();
    move.slowly = state_.slower;
    if (!repeating_ && !move.speak.empty()) state_.last_spoken = speech_.essential();
    if (state_.phase == DialoguePhase::closing) {
        move.expects = AnswerKind::story;
        move.patience = crisis_patience;
        return;
    }
    const auto* topic = current();
    if (state_.phase == DialoguePhase::ended || state_.machine || topic == nullptr) return;
    const bool reading_back = !state_.read_back.empty() || !state_.checking.empty();
    move.topic = topic->name;
    move.expects = reading_back ? AnswerKind::yes_no : topic->answers;
    move.keys = reading_back ? 1 : topic->keys;
    if (!state_.identity_verified && state_.asked["identity"] >= asks_max) move.keys = 8;
    const bool closed = state_.asked[topic->name] >= asks_max;  // the last wording explains the keys
    move.fixed_words = reading_back || closed || repeating_ || exact_words_ || topic->fixed ||
                       state_.phase != DialoguePhase::questions;
    move.patience = patience_ ? *patience_ : state_.slower ? topic->patience * 3 / 2 : topic->patience;
    if (state_.checking.empty()) move.speech_prompt = speech_.filled(topic->speech_prompt);
}

}  // namespace carevoice::domain::dialogue
