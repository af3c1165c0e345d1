#include "simulator/resident.h"

#include "simulator/conversation_printer.h"
#include "simulator/patient.h"
#include "simulator/patient_record.h"
#include "simulator/service_client.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>

namespace carevoice::simulator {

namespace {

/// Prints the calls to one telephone; kept alive by the observer.
class CallPrinter {
public:
    CallPrinter(std::ostream& out, std::string name) : printer_(out, mutex_, "", false), name_(std::move(name)) {}

    void take(const CallEvent& event) {
        if (event.kind == CallEventKind::answered) answered_at_ = event.at;
        const auto at = std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(event.at - answered_at_));
        switch (event.kind) {
            case CallEventKind::created:
                answered_at_ = event.at;
                return printer_.happening(milliseconds{0}, "calling " + name_);
            case CallEventKind::answered: return printer_.happening(at, "answered");
            case CallEventKind::voice_said:
                if (!event.text.empty()) printer_.voice(at, event.text);
                return;
            case CallEventKind::patient_spoke: return printer_.patient(at, event.text, "");
            case CallEventKind::ended: return printer_.happening(at, "ended: " + event.text);
            default: return;
        }
    }

private:
    std::mutex mutex_;
    ConversationPrinter printer_;
    std::string name_;
    SteadyTime answered_at_{};
};

}  // namespace

async::Task<Result<>> add_resident(ResidentOptions options, RunParts parts) {
    auto file = load_scenarios(options.scenarios_file);
    if (!file) co_return file.error();
    const auto found = std::ranges::find(file->scenarios, options.scenario, &Scenario::id);
    if (found == file->scenarios.end())
        co_return Error{Errc::not_found, "there is no scenario " + options.scenario, "scenario"};
    const auto scenario = std::make_shared<const Scenario>(*found);

    const auto manner = manner_of(*scenario);
    for (const auto& [topic, ways] : scenario->answers) {
        for (const auto& words : ways) {
            if (!is_speakable(words)) continue;
            const auto clip = co_await parts.voices.clip(words, manner.speed, manner.volume);
            if (!clip) co_return clip.error();
        }
    }

    const auto service = std::make_shared<ServiceClient>(parts.http, options.service, options.api_key);
    auto record = patient_record(*scenario, options.phone, parts.clock.wall_now());
    record["patient_id"] = options.patient_id;
    const auto stored = co_await service->put_patient(std::move(record));
    if (!stored) co_return stored.error();

    parts.twilio.phones().connect(options.phone, [scenario, service, &voices = parts.voices](const CallSid& sid) {
        PatientParts patient{
            .scenario = scenario, .topics = std::make_shared<TopicsBySid>(service, sid.str()), .voices = voices};
        return std::make_shared<Patient>(std::move(patient), 1);
    });
    const auto printer = std::make_shared<CallPrinter>(parts.out, options.patient_id);
    parts.twilio.watch(options.phone, [printer](const CallEvent& event) { printer->take(event); });
    co_return Result<>{};
}

}  // namespace carevoice::simulator
