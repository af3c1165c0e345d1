// The call plan with a clock that a test moves, a telephone network that can fail in every way, and any number of
// instances on one database.
#pragma once

#include "async/blocking_pool.h"
#include "calls/calling_hours.h"
#include "calls/scheduler.h"
#include "core/resources.h"
#include "storage/repositories.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <deque>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace carevoice::tests {

class VirtualClock final : public Clock {
public:
    [[nodiscard]] WallTime wall_now() const override { return wall; }
    [[nodiscard]] SteadyTime steady_now() const override { return steady; }
    void advance(milliseconds span) {
        wall += span;
        steady += span;
    }
    void set(WallTime time) { advance(time - wall); }

    WallTime wall = parse_rfc3339("2026-06-10T17:00:00Z").value();
    SteadyTime steady{std::chrono::hours{1'000}};
};

/// What Twilio answers to the next Calls.json, and whether it makes the call.
enum class DialFate { made, timed_out_made, timed_out_lost, down, refused, died_before, died_after };

/// Remembers every call that it really made. `on_create` is told before each request counts.
class FailingNetwork final : public twilio::Telephony {
public:
    struct Made {
        CallSessionId id;
        CallSid sid;
        std::string to;
        WallTime at;
        std::string status = "queued";
    };

    explicit FailingNetwork(const Clock& clock) : clock_(clock) {}

    std::deque<DialFate> fates;  ///< of the next requests; then they are made
    milliseconds list_lag{0};    ///< how long a call is missing from the list
    bool list_down = false;
    std::vector<Made> made;
    int asked = 0;
    std::function<void(const CallSessionId&)> on_create;

    async::Task<Result<CallSid>> create_call(twilio::CallRequest request, Deadline) override {
        const CallSessionId id(request.voice_url.substr(request.voice_url.rfind('/') + 1));
        ++asked;
        if (on_create) on_create(id);
        auto fate = DialFate::made;
        if (!fates.empty()) {
            fate = fates.front();
            fates.pop_front();
        }
        const bool rings = fate == DialFate::made || fate == DialFate::timed_out_made || fate == DialFate::died_after;
        if (rings) made.push_back({id, CallSid("CA" + std::to_string(++last_sid_)), request.to, clock_.wall_now()});
        switch (fate) {
            case DialFate::made: co_return made.back().sid;
            case DialFate::timed_out_made:
            case DialFate::timed_out_lost: co_return Error{Errc::timed_out, "no answer"};
            case DialFate::down: co_return Error{Errc::unavailable, "down", "", 503};
            case DialFate::refused: co_return Error{Errc::rejected, "no such number", "", 21211};
            case DialFate::died_before:
            case DialFate::died_after: break;
        }
        co_return Error{Errc::cancelled, "stopped"};
    }
    async::Task<Result<twilio::RemoteCall>> find_call(std::string to, WallTime since, Deadline) override {
        if (list_down) co_return Error{Errc::unavailable, "down"};
        for (auto call = made.rbegin(); call != made.rend(); ++call)
            if (call->to == to && call->at >= since && clock_.wall_now() - call->at >= list_lag)
                co_return twilio::RemoteCall{.sid = call->sid, .status = call->status, .to = call->to};
        co_return Error{Errc::not_found, "no call"};
    }
    async::Task<Result<twilio::RemoteCall>> fetch_call(CallSid, Deadline) override {
        co_return Error{Errc::not_found, "no call"};
    }
    async::Task<Result<>> update_call(CallSid, std::string, Deadline) override { co_return Result<>{}; }
    async::Task<Result<>> end_call(CallSid sid, bool, Deadline) override {
        ended.push_back(std::move(sid));
        co_return Result<>{};
    }
    async::Task<Result<std::string>> send_message(std::string, std::string, std::string, Deadline) override {
        co_return std::string("SM1");
    }
    async::Task<Result<twilio::AccountState>> account(Deadline) override {
        co_return twilio::AccountState{.status = "active", .type = "Full"};
    }

    std::vector<CallSid> ended;

private:
    const Clock& clock_;
    int last_sid_ = 0;
};

class PlanHouse {
public:
    explicit PlanHouse(calls::CallSettings settings_ = {})
        : settings(std::move(settings_)),
          network(clock),
          plan(domain::CallPlan::load(find_embedded_resource("protocols/call_plan.json").value()).value()),
          database(storage::open_database("sqlite::memory:", 1).value()),
          store(*database, pool),
          rate(settings.calls_per_second, clock),
          first(start()) {
        settings.public_origin = "https://voice.example.org";
        settings.from_number = "+12125550100";
    }

    /// One more instance, or one that has been started again.
    std::unique_ptr<calls::Scheduler> start() {
        return std::make_unique<calls::Scheduler>(calls::SchedulerDeps{.settings = settings,
                                                                       .store = store,
                                                                       .clock = clock,
                                                                       .random = random,
                                                                       .metrics = metrics,
                                                                       .telephony = network,
                                                                       .plan = plan,
                                                                       .zones = zones,
                                                                       .rate = rate,
                                                                       .live_calls = [this] { return live_calls; }});
    }

    /// Runs a coroutine to its end.
    template <class T>
    T run(async::Task<T> work) {
        auto done = async::asio::co_spawn(context, std::move(work), async::asio::use_future);
        while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
            context.restart();
            context.run_one();
        }
        return done.get();
    }
    /// Passes of `one` until it has nothing more to do at this moment.
    void look(calls::Scheduler& one) {
        for (int i = 0; i < 20; ++i)
            if (run(one.pass()) >= std::chrono::milliseconds{500}) return;
    }
    void look() { look(*first); }
    /// Moves the clock on in steps, with a look after each.
    void live_through(milliseconds span, milliseconds step = std::chrono::minutes{1}) {
        for (const auto until = clock.wall + span; clock.wall < until;) {
            clock.advance(std::min(step, milliseconds{until - clock.wall}));
            look();
        }
    }

    void add_patient(const std::string& id, const std::string& zone = "America/Chicago",
                     const std::string& phone = "+14155550101") {
        domain::Patient patient;
        patient.patient_id = PatientId(id);
        patient.first_name = "Ruth";
        patient.last_name = "Albrecht";
        patient.date_of_birth = parse_date("1957-03-14").value();
        patient.phone = phone;
        patient.procedure = "knee replacement";
        patient.time_zone = zone;
        patient.consents.calls = true;
        (void)database->patients().insert(patient).value();
    }
    void add_call(const std::string& id, WallTime at, const std::string& patient = "ruth") {
        domain::Call call;
        call.call_session_id = CallSessionId(id);
        call.patient_id = PatientId(patient);
        call.created_at = clock.wall;
        call.scheduled_at = at;
        call.plan_open = true;
        (void)database->calls().insert(call).value();
    }
    void change_patient(const std::string& id, const std::function<void(domain::Patient&)>& change) {
        (void)database->patients().update(PatientId(id), change).value();
    }
    domain::Call call(const CallSessionId& id) { return database->calls().find(id).value(); }
    domain::Call call(const std::string& id) { return call(CallSessionId(id)); }
    /// The calls of one plan entry, by attempt.
    std::vector<domain::Call> attempts(const std::string& id) {
        return database->call_plan().attempts(CallSessionId(id)).value();
    }

    /// A status callback, stored as the Call Service does, and what its last stage writes.
    void callback(const FailingNetwork::Made& made, domain::CallStatus status,
                  domain::CallOutcome outcome = domain::CallOutcome::none) {
        const auto now = clock.wall;
        const auto change = [&](domain::Call& stored) {
            if (stored.call_sid.empty()) stored.call_sid = made.sid;
            if (stored.call_sid != made.sid) return;
            stored.status = domain::advance(stored.status, status);
            if (!domain::is_final(stored.status)) return;
            if (!stored.ended_at) stored.ended_at = now;
            if (outcome != domain::CallOutcome::none) stored.outcome = outcome;
        };
        (void)database->calls().update(made.id, change).value();
        if (domain::is_final(status)) first->call_ended(made.id, status);
    }

    calls::CallSettings settings;
    async::asio::io_context context;
    VirtualClock clock;
    FailingNetwork network;
    domain::CallPlan plan;
    std::unique_ptr<storage::Database> database;
    async::BlockingPool pool{1, 256};
    calls::AsyncStore store;
    SeededRandom random{7};
    NoMetrics metrics;
    calls::SystemTimeZones zones;
    calls::LocalDialRate rate;
    std::size_t live_calls = 0;
    std::unique_ptr<calls::Scheduler> first;
};

}  // namespace carevoice::tests
