#include "simulator/scenario_call.h"

#include "simulator/patient_record.h"

#include <chrono>
#include <cmath>
#include <utility>

namespace carevoice::simulator {

namespace json = boost::json;

namespace {

constexpr milliseconds dial_limit{60'000};
constexpr milliseconds heard_patience{4'000};  ///< for the transcript to show what was heard
constexpr milliseconds settle_limit{15'000};   ///< for the service to finish a call that is over
constexpr milliseconds settle_poll{250};

std::string heard_part(const std::string& text, double fraction) {
    auto part = text.substr(0, static_cast<std::size_t>(std::lround(static_cast<double>(text.size()) * fraction)));
    if (part.size() < text.size()) part.resize(part.rfind(' ') == std::string::npos ? 0 : part.rfind(' '));
    return part;
}

bool has_text(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() && !value->as_string().empty();
}

}  // namespace

ScenarioCall::ScenarioCall(std::shared_ptr<const Scenario> scenario, ScenarioCallOptions options, RunParts parts,
                           std::shared_ptr<ServiceClient> service, ConversationPrinter printer)
    : scenario_(std::move(scenario)),
      options_(std::move(options)),
      parts_(parts),
      service_(std::move(service)),
      printer_(std::move(printer)) {
    report_.id = scenario_->id;
    report_.title = scenario_->title;
    report_.call_session_id = options_.call_session_id;
}

async::Task<ScenarioReport> ScenarioCall::run() {
    printer_.heading(*scenario_);
    const auto greeting = co_await prepare_voice();
    if (!greeting) {
        report_.broken.push_back("the patient has no voice: " + greeting.error().detail);
    } else {
        parts_.twilio.phones().connect(options_.phone, who_answers(*greeting));
        parts_.twilio.watch(options_.phone, [reports = reports_](const CallEvent& event) {
            reports->try_push(Report{.event = event});
        });
        const auto dialled = co_await dial();
        if (!dialled)
            report_.broken.push_back("the call could not be placed: " + dialled.error().detail);
        else
            co_await follow();
        parts_.twilio.watch(options_.phone, {});
        parts_.twilio.phones().disconnect(options_.phone);
        if (dialled) {
            co_await collect();
            judge();
        }
    }
    printer_.verdict(*scenario_, report_.broken, report_.reply_latencies, report_.duration);
    co_return std::move(report_);
}

/// Speaks everything that the patient may say into the cache, so that no answer waits for it. Returns what a machine
/// says first.
async::Task<Result<SharedClip>> ScenarioCall::prepare_voice() {
    const auto manner = manner_of(*scenario_);
    SharedClip greeting = make_babble(milliseconds{1'000});
    auto everything = scenario_->answers;
    everything[""] = scenario_->default_answers;
    for (const auto& [topic, ways] : everything) {
        for (std::size_t i = 0; i < ways.size(); ++i) {
            if (!is_speakable(ways[i])) continue;
            auto clip = co_await parts_.voices.clip(ways[i], manner.speed, manner.volume);
            if (!clip) co_return clip.error();
            if (topic == "greeting" && i == options_.seed % ways.size()) {
                greeting = *clip;
                greeting_text_ = ways[i];
            }
        }
    }
    co_return greeting;
}

PhoneBook::Answer ScenarioCall::who_answers(SharedClip greeting) {
    const auto reports = reports_;
    const auto who = scenario_->behaviour.answered_by;
    if (who == WhoAnswers::busy || who == WhoAnswers::no_answer) {
        const auto pickup = who == WhoAnswers::busy ? Pickup::busy : Pickup::no_answer;
        return [pickup](const CallSid&) { return std::make_shared<DeadPhone>(pickup); };
    }
    if (who == WhoAnswers::machine) {
        const milliseconds beep{std::llround(scenario_->behaviour.beep_after_seconds * 1000)};
        auto record = [reports](std::string text) {
            Report report;
            report.recorded = std::move(text);
            report.is_recording = true;
            reports->try_push(std::move(report));
        };
        return [greeting, text = greeting_text_, beep, record](const CallSid&) {
            return std::make_shared<AnsweringMachine>(greeting, text, beep, record);
        };
    }
    PatientParts patient{.scenario = scenario_,
                         .topics = std::make_shared<ServiceTopics>(service_, options_.call_session_id),
                         .voices = parts_.voices,
                         .on_answer = [reports](std::string topic, std::string) {
                             Report report;
                             report.topic = std::move(topic);
                             report.is_answer = true;
                             reports->try_push(std::move(report));
                         }};
    return [patient, seed = options_.seed](const CallSid&) { return std::make_shared<Patient>(patient, seed); };
}

async::Task<Result<>> ScenarioCall::dial() {
    auto patient = patient_record(*scenario_, options_.phone, parts_.clock.wall_now());
    const auto stored = co_await service_->put_patient(patient);
    if (!stored) co_return stored.error();
    json::object request{{"patient_id", patient.at("patient_id")},
                         {"call_session_id", options_.call_session_id},
                         {"call_type", scenario_->call_type},
                         {"context", json::object{{"prior", scenario_->prior}}}};
    if (!options_.mode.empty()) request["mode"] = options_.mode;
    const auto placed = co_await service_->initiate(std::move(request));
    if (!placed) co_return placed.error();
    co_return Result<>{};
}

async::Task<> ScenarioCall::follow() {
    auto limit = Deadline::in(dial_limit);
    bool came = false;
    while (!over_) {
        const auto patience = unprinted_ ? limit.at_most(heard_patience, std::chrono::steady_clock::now()) : limit;
        auto report = co_await reports_->pop(patience);
        const bool late = !report && limit.passed(std::chrono::steady_clock::now());
        if (late) {
            report_.broken.emplace_back(came ? "the call did not end in time" : "the service never called");
            break;
        }
        if (!report) {
            co_await print_patient();
            continue;
        }
        if (!came) limit = Deadline::in(options_.call_limit);
        came = true;
        if (report->is_answer) {
            topic_ = std::move(report->topic);
        } else if (report->is_recording) {
            report_.evidence.recorded.push_back(std::move(report->recorded));
        } else {
            co_await take_event(std::move(report->event));
        }
    }
    co_await print_patient();
}

async::Task<> ScenarioCall::take_event(CallEvent event) {
    const auto at = since_answer(event.at);
    auto& conversation = report_.evidence.conversation;
    switch (event.kind) {
        case CallEventKind::answered:
            answered_at_ = event.at;
            printer_.happening(milliseconds{0}, "answered");
            break;
        case CallEventKind::voice_said:
            co_await print_patient();
            conversation.push_back({true, event.text, "", at});
            if (!event.text.empty()) printer_.voice(at, event.text);
            break;
        case CallEventKind::voice_cut:
            for (auto piece = conversation.rbegin(); piece != conversation.rend(); ++piece) {
                if (!piece->by_voice) continue;
                piece->text = heard_part(piece->text, event.fraction);
                break;
            }
            printer_.happening(at, "the voice was interrupted");
            break;
        case CallEventKind::patient_spoke:
            co_await print_patient();
            conversation.push_back({false, event.text, topic_, at});
            unprinted_ = conversation.back();
            break;
        case CallEventKind::answer_sent: answer_sent_at_ = event.at; break;
        case CallEventKind::reply_arrived:
            if (answer_sent_at_ && measures_latency())
                report_.reply_latencies.push_back(
                    std::chrono::duration_cast<milliseconds>(event.at - *answer_sent_at_));
            answer_sent_at_.reset();
            break;
        case CallEventKind::trouble:
            printer_.happening(at, "Twilio " + std::to_string(event.code) + ": " + event.text);
            break;
        case CallEventKind::ended:
            report_.duration = at;
            co_await print_patient();
            printer_.happening(at, "ended: " + event.text);
            over_ = true;
            break;
        default: break;
    }
}

/// Prints the patient's last words with what the service made of them, and (streamed voice) the service's own turns.
async::Task<> ScenarioCall::print_patient() {
    if (!unprinted_) co_return;
    const auto piece = std::move(*unprinted_);
    unprinted_.reset();
    const auto transcript = co_await service_->transcript(options_.call_session_id);
    std::string heard;
    if (transcript) {
        heard = find_heard(*transcript, piece.text).text;
        const auto* turns = transcript->if_contains("turns");
        const bool lists = turns != nullptr && turns->is_array();
        for (; options_.mode == "stream" && lists && turns_printed_ < turns->as_array().size(); ++turns_printed_) {
            const auto& turn = turns->as_array()[turns_printed_];
            if (!turn.is_object() || !has_text(turn.as_object(), "text")) continue;
            const auto* speaker = turn.as_object().if_contains("speaker");
            if (speaker != nullptr && *speaker == "assistant")
                printer_.voice(piece.at, std::string(turn.as_object().at("text").as_string()));
        }
    }
    printer_.patient(piece.at, piece.text, heard);
}

/// The call is over for Twilio; the service may still write down its last words.
async::Task<> ScenarioCall::collect() {
    const auto give_up = std::chrono::steady_clock::now() + settle_limit;
    for (bool settled = false; !settled && std::chrono::steady_clock::now() < give_up;) {
        auto status = co_await service_->status(options_.call_session_id);
        if (status) {
            settled = has_text(*status, "outcome") && has_text(*status, "ended_at") && status->at("outcome") != "none";
            report_.evidence.status = std::move(*status);
        }
        if (settled) break;
        const auto slept = co_await async::sleep_for(settle_poll);
        if (!slept) co_return;
    }
    auto transcript = co_await service_->transcript(options_.call_session_id);
    if (transcript) report_.evidence.transcript = std::move(*transcript);
}

void ScenarioCall::judge() {
    auto& evidence = report_.evidence;
    if (options_.mode == "stream") {
        // Streamed words are known from the transcript only; it holds what was heard, in order.
        take_voice_from_transcript(evidence);
    }
    printer_.findings(evidence);
    auto broken = check_expectations(*scenario_, evidence, options_.checks);
    for (auto& sentence : broken) report_.broken.push_back(std::move(sentence));
}

milliseconds ScenarioCall::since_answer(SteadyTime at) const {
    if (answered_at_ == SteadyTime{}) return milliseconds{0};
    return std::chrono::duration_cast<milliseconds>(at - answered_at_);
}

bool ScenarioCall::measures_latency() const {
    return !scenario_->mumbles() && scenario_->behaviour.answered_by != WhoAnswers::machine;
}

}  // namespace carevoice::simulator
