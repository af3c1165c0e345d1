#include "calls/recording_review.h"

#include "domain/dialogue.h"
#include "domain/word_agreement.h"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace carevoice::calls {

namespace {

using Words = std::vector<std::string>;

/// A recogniser that is this unsure of its words proves nothing.
constexpr double confidence_min = 0.4;

void append(Words& words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
}

bool is_keys(const domain::Turn& turn) {
    return turn.text.starts_with("[keys ");
}

/// What a speaker said while the call was recorded.
Words words_of(const RecordedCall& recorded, domain::Speaker speaker) {
    Words words;
    for (const auto& turn : recorded.turns)
        if (turn.speaker == speaker && !is_keys(turn) && turn.ended_at > recorded.recording_began)
            append(words, domain::comparable_words(turn.text));
    return words;
}

Words words_of(const std::vector<speech::RecordedUtterance>& heard) {
    Words words;
    for (const auto& utterance : heard) append(words, domain::comparable_words(utterance.text));
    return words;
}

/// The question that was pending at this moment of the recording.
std::string question_at(const RecordedCall& recorded, std::int64_t start_ms) {
    const auto moment = recorded.recording_began + milliseconds{start_ms};
    std::string question;
    for (const auto& turn : recorded.turns)
        if (turn.speaker == domain::Speaker::assistant && turn.started_at <= moment) question = turn.topic;
    return question;
}

domain::UtteranceContext context_of(const RecordedCall& recorded) {
    const auto& [call, patient, turns, alerts, began] = recorded;
    const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(call.answered_at.value_or(began))};
    domain::UtteranceContext context;
    context.call_type = call.call_type;
    context.family = patient.procedure_family;
    context.post_operative_day = domain::post_operative_day(patient, today);
    context.medications = patient.medications;
    context.prior_pain_scores = call.prior_pain_scores;
    context.age = domain::age_in_years(patient, today);
    context.lives_alone = patient.lives_alone;
    const auto state = domain::dialogue_state_from_json(call.dialogue_state);
    context.by_caregiver = state.has_value() && state->by_caregiver;
    return context;
}

/// The call knows of something as grave of this type, or heard these very words and judged them itself.
bool is_known(const RecordedCall& recorded, const Words& live, const domain::RaisedAlert& raised) {
    const auto known = std::ranges::find(recorded.alerts, raised.type, &domain::Alert::type);
    if (known != recorded.alerts.end() && known->severity >= raised.severity) return true;
    return domain::contains_words(live, domain::comparable_words(raised.evidence.text));
}

void take(std::vector<domain::RaisedAlert>& findings, domain::RaisedAlert raised) {
    const auto same = std::ranges::find(findings, raised.type, &domain::RaisedAlert::type);
    if (same == findings.end())
        findings.push_back(std::move(raised));
    else if (same->severity < raised.severity)
        *same = std::move(raised);
}

}  // namespace

RecordingReview review_recording(const domain::ClinicalReader& reader, const domain::SecondReader* second_reader,
                                 const RecordedCall& recorded, const std::vector<speech::RecordedUtterance>& heard) {
    const Words live = words_of(recorded, domain::Speaker::patient);
    const Words words = words_of(heard);
    RecordingReview review{.words = words.size(), .agreement = std::nullopt, .findings = {}};
    if (!words.empty() || !live.empty()) review.agreement = domain::word_agreement(words, live);
    auto context = context_of(recorded);
    for (const auto& utterance : heard) {
        if (utterance.confidence < confidence_min) continue;
        context.question = question_at(recorded, utterance.start_ms);
        context.audio_ms = utterance.start_ms;
        std::vector<domain::ConceptFinding> others;
        if (second_reader != nullptr) others = second_reader->read(utterance.text, context.question);
        for (auto& raised : reader.read(utterance.text, context, others).alerts) {
            if (is_known(recorded, live, raised)) continue;
            raised.evidence.source = domain::EvidenceSource::recording;
            take(review.findings, std::move(raised));
        }
    }
    return review;
}

bool is_assistants_channel(const RecordedCall& recorded, const std::vector<speech::RecordedUtterance>& heard) {
    const Words words = words_of(heard);
    return domain::word_agreement(words, words_of(recorded, domain::Speaker::assistant)) >
           domain::word_agreement(words, words_of(recorded, domain::Speaker::patient));
}

}  // namespace carevoice::calls
