// The conversation as a pure function: state and event in, state and move out. No clock, no I/O, no Twilio.
//
// The state is a value that is stored after each turn, so that any instance of the service can go on with the call.
#pragma once

#include "core/error.h"
#include "domain/call.h"
#include "domain/fact.h"
#include "domain/patient.h"
#include "domain/understanding.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain {

/// What kind of answer is expected: sets endpointing patience, key input and speech hints.
enum class AnswerKind { none, yes_no, number, temperature, date, name_and_date, choice, story };
std::string_view to_string(AnswerKind kind) noexcept;

/// `closing` is the wait with somebody in danger of self-harm: we never hang up first.
enum class DialoguePhase { opening, identity, consent, questions, closing, ended };
std::string_view to_string(DialoguePhase phase) noexcept;

/// Everything the dialogue remembers. Serialised as JSON into Call::dialogue_state.
struct DialogueState {
    DialoguePhase phase = DialoguePhase::opening;
    int attempts = 0;                  ///< times the pending question was asked
    std::string topic;                 ///< the question pending; empty when none
    std::string topic_before;          ///< the one asked before it
    int silences = 0;                  ///< in a row
    int unclear_in_a_row = 0;          ///< topics that ended unclear, in a row
    int repeats = 0;                   ///< of the pending question, at the patient's wish
    int events = 0;                    ///< taken so far; a bound on every call
    std::map<std::string, int> asked;  ///< how often each topic was asked, over the whole call (at most 3)
    std::vector<TopicProgress> topics;
    Facts facts;
    std::string read_back;  ///< the value waiting for "is that right?": "8"; empty when none
    std::string checking;   ///< concept of an emergency that only a second reader saw: its check question is pending
    CallOutcome outcome = CallOutcome::none;
    std::uint32_t wording_seed = 0;  ///< picks among wordings, so that a call never repeats a sentence
    std::vector<std::string> wordings_used;
    std::vector<std::uint32_t> said;            ///< hashes of the sentences that this call has heard from us
    std::string last_spoken;                    ///< for "could you repeat that?"
    std::string keys_heard;                     ///< digits keyed so far for an answer of several keys
    std::vector<std::string> troubles;          ///< told beside a "fine, fine": "sleep", "walking"
    std::map<std::string, std::string> raised;  ///< highest severity by alert type
    std::vector<std::string> told;              ///< alert types of which the patient was told
    bool identity_verified = false;
    bool name_heard = false;  ///< half of an identity stays heard between tries
    bool date_heard = false;
    bool digits_asked = false;      ///< the last four digits of the phone number may stand for the date of birth
    bool fetch_asked = false;       ///< somebody else was asked to bring the patient to the phone
    bool caregiver_claims = false;  ///< somebody says they are the caregiver who may answer for the patient
    bool caregiver_named = false;   ///< and gave the name on record
    bool by_caregiver = false;      ///< they answer for the patient, whose identity they confirmed
    bool machine = false;           ///< an answering machine plays its greeting: wait for the beep
    bool slower = false;            ///< asked us to speak slowly
    bool minimised = false;         ///< said "fine, fine" or the like
    bool checked_answer = false;    ///< the words that led to the check answered the question pending then
    bool emergency_spoken = false;
    bool nurse_call_promised = false;
    friend bool operator==(const DialogueState&, const DialogueState&) = default;
};

std::string to_json(const DialogueState& state);
/// Errc::corrupt when the text is not one.
Result<DialogueState> dialogue_state_from_json(std::string_view text);

/// Fixed for the length of a call.
struct DialogueContext {
    const Patient* patient = nullptr;  ///< outlives the call's dialogue
    CallType call_type = CallType::followup;
    std::optional<int> post_operative_day;
    std::optional<int> age;               ///< years, on the day of the call
    std::vector<int> prior_pain_scores;   ///< of earlier calls, oldest first
    Facts prior_facts;                    ///< of the last call
    std::vector<std::string> open_rules;  ///< what raised the last call's alerts that are not resolved since
    std::string organisation;     ///< "Riverside Hospital": said before identity, so it must not give the reason away
    std::string callback_number;  ///< E.164, read out in voicemails and at the end
};

enum class DialogueEventKind {
    answered,    ///< somebody or something picked up: greet
    utterance,   ///< final words of the patient
    silence,     ///< nothing was said within the patience of the question
    key,         ///< DTMF, in `text`: one key or several ("8", "*", "03141957")
    machine,     ///< an answering machine or fax for certain; ready for a message when `text` is "beep"
    time_is_up,  ///< MAX_CALL_SECONDS is near
    hung_up,     ///< the line is gone; nothing can be said any more
    /// A slow reader (a chat model) is done with the last utterance, which is in `text`; what it found is in
    /// `findings`. Raises alerts; the move speaks only when they change the course, and then instead of the last move's
    /// words.
    second_thoughts,
};

struct DialogueEvent {
    DialogueEventKind kind = DialogueEventKind::utterance;
    std::string text = {};
    double confidence = 1.0;
    std::optional<std::int64_t> audio_ms = {};
    /// Begun before the pending question could be heard: it is read for facts and alarms (with the question before it
    /// in mind), but it is not an answer to the pending one. The move then repeats nothing and asks nothing new unless
    /// an emergency or a wish changes the course; `speak` is empty when the assistant may simply go on.
    bool overheard = false;
    std::vector<ConceptFinding> findings = {};  ///< of other readers than the rules, in these words
};

/// What to do next. `speak` is empty only after hung_up, and while an answering machine still plays its greeting: then
/// keep silent and send `silence` after `patience`, or `machine` with "beep" when that is heard.
struct Move {
    std::string speak;                ///< plain text, whole sentences; read aloud in order
    std::vector<std::size_t> pauses;  ///< offsets into `speak` where a voice should rest for a moment, ascending
    AnswerKind expects = AnswerKind::none;
    std::string topic;                ///< the question that `speak` ends with; empty when none
    int keys = 0;                     ///< keys that may answer it (1 for yes/no and 0-9, 2 for 10); 0: none
    milliseconds patience{8000};      ///< silence after our words before `silence` is due
    bool end_call = false;            ///< hang up after speaking
    bool transfer_to_person = false;  ///< try the care team's number after speaking, if there is one
    std::string speech_prompt;        ///< biasing words for the recogniser; empty for most topics
    bool slowly = false;              ///< the patient asked us to speak more slowly
    /// False for the plain course of questions alone: there another wording of the same question may stand in.
    bool fixed_words = true;
};

struct DialogueStep {
    Move move;
    Facts learned;                        ///< by this event
    std::vector<RaisedAlert> alerts;      ///< by this event; to be stored before `move.speak` is spoken
    std::optional<Consents> consents;     ///< changed wishes to store with the patient
    std::optional<Caregiver> caregiver;   ///< named by the patient and read back: to store with the patient
    std::optional<std::string> language;  ///< likewise, ISO 639-1
    bool opt_out = false;                 ///< said "stop calling me": store at once
};

/// The protocols (question sets, wording) of one language. Immutable after load: share it between threads.
class Dialogue {
public:
    /// Texts of protocols/followup.json, enrollment.json, education.json and wording.json by file name. Checks them
    /// whole; Errc::corrupt names file and entry. `reader` outlives the result.
    static Result<Dialogue> load(const std::map<std::string, std::string_view>& files, const ClinicalReader& reader);

    Dialogue(Dialogue&&) noexcept;
    Dialogue& operator=(Dialogue&&) noexcept;
    ~Dialogue();

    /// Topics that the protocol plans for this call, in order, all pending.
    [[nodiscard]] DialogueState begin(const DialogueContext& context, std::uint32_t wording_seed) const;

    /// Takes one event into `state`. Never throws, never loops without end: each call ends after finitely many events.
    DialogueStep step(DialogueState& state, const DialogueEvent& event, const DialogueContext& context) const;

    /// The nurse's summary of a call: facts, quotes behind alerts, what was not answered. Deterministic.
    [[nodiscard]] std::string summarise(const DialogueState& state, const std::vector<Alert>& alerts,
                                        const DialogueContext& context) const;

private:
    struct Protocols;
    explicit Dialogue(std::unique_ptr<const Protocols> protocols);
    std::unique_ptr<const Protocols> protocols_;
};

}  // namespace carevoice::domain
