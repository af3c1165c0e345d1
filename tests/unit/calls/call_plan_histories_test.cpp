// Thousands of random histories of the call plan: callbacks late, twice, lost and out of order; instances that die
// between any two steps; clocks that change; patients who change their minds. Whatever happens, no call is asked of
// Twilio outside the patient's hours, without consent, after an opt-out, above the rate, or twice for one plan entry.
#include "calls/scheduler.h"
#include "support/plan_house.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace carevoice::calls {
namespace {

using namespace std::chrono_literals;
using domain::CallOutcome;
using domain::CallStatus;
using tests::DialFate;
using tests::FailingNetwork;
using tests::PlanHouse;

constexpr double calls_per_second = 2;

// A sanitizer makes each history several times as long; it looks for other things.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int histories = 25;
#else
constexpr int histories = 250;
#endif

/// What the test knows of a patient, whatever the database says.
struct Truth {
    std::string zone;
    bool consents = true;
    bool opted_out = false;
};

class History {
public:
    explicit History(PlanHouse& house) : house_(house), second_(house.start()) {
        house_.network.on_create = [this](const CallSessionId& id) { judge(id); };
    }

    /// False after a broken promise.
    bool play(std::uint64_t seed) {
        seed_ = seed;
        complaint.clear();
        dice_ = std::make_unique<SeededRandom>(seed);
        begin();
        for (int step = 0; step < 60 && complaint.empty(); ++step) one_event();
        settle();
        end();
        return complaint.empty();
    }

    std::size_t dialled = 0;
    std::size_t histories_with_dials = 0;
    std::chrono::seconds worst_list_lag{90};
    std::string complaint;  ///< the first broken promise of the last history

private:
    std::uint64_t below(std::uint64_t limit) { return dice_->next_u64() % limit; }
    bool chance(std::uint64_t percent) { return below(100) < percent; }
    template <class List>
    auto& any_of(List& list) {
        return list[below(std::size(list))];
    }

    void begin() {
        constexpr std::array<std::string_view, 5> moments{"2026-03-07T20:00:00Z", "2026-10-31T20:00:00Z",
                                                          "2026-03-28T20:00:00Z", "2026-06-30T20:00:00Z",
                                                          "2026-12-31T12:00:00Z"};
        constexpr std::array<const char*, 7> places{"America/Chicago",    "America/New_York", "Asia/Kolkata",
                                                    "Europe/London",      "Pacific/Honolulu", "",
                                                    "Australia/Lord_Howe"};
        // The steady clock only goes forward; where the wall clock is does not matter to it.
        house_.clock.wall = parse_rfc3339(any_of(moments)).value() + std::chrono::minutes(below(1'200));
        house_.clock.steady += 24h * 30;
        house_.settings.hours = chance(15) ? CallingHours{22 * 60, 6 * 60} : CallingHours{};
        if (chance(10)) house_.settings.hours = {0, 24 * 60};
        house_.first = house_.start();
        second_ = house_.start();
        truths_.clear();
        entries_.clear();
        house_.network.made.clear();
        house_.network.fates.clear();
        asked_.clear();
        const auto people = 1 + below(3);
        for (std::uint64_t i = 0; i < people; ++i) {
            const auto id = name("p", i);
            const std::string zone = any_of(places);
            // A couple may share a telephone.
            house_.add_patient(id, zone, i == 1 && chance(30) ? phone(0) : phone(i));
            truths_[id] = {.zone = zone};
        }
        for (std::uint64_t i = 0; i < 1 + below(3); ++i) plan_entry(i);
    }

    std::string name(const char* kind, std::uint64_t number) const {
        return std::string(kind) + std::to_string(seed_) + "-" + std::to_string(number);
    }
    static std::string phone(std::uint64_t number) { return "+1415555010" + std::to_string(number); }

    void plan_entry(std::uint64_t number) {
        const auto id = name("e", number);
        house_.add_call(id, house_.clock.wall + std::chrono::minutes(below(1'500)), name("p", below(truths_.size())));
        entries_.push_back(id);
    }

    // ---- What happens

    void one_event() {
        static constexpr std::array fates{DialFate::timed_out_made, DialFate::timed_out_lost, DialFate::down,
                                          DialFate::refused,        DialFate::died_before,    DialFate::died_after};
        const auto kind = below(100);
        if (kind < 25) house_.clock.advance(std::chrono::seconds(below(90)));
        if (kind >= 25 && kind < 40) house_.clock.advance(std::chrono::minutes(below(240)));
        if (kind >= 40 && kind < 60) hear();
        if (kind >= 60 && kind < 63) change_mind();
        if (kind >= 63 && kind < 76) house_.network.fates.push_back(any_of(fates));
        if (kind == 76) house_.network.list_down = !house_.network.list_down;
        if (kind == 77)
            house_.network.list_lag = std::chrono::seconds(below(static_cast<std::uint64_t>(worst_list_lag.count())));
        if (kind == 78) house_.clock.wall -= std::chrono::seconds(below(3));  // somebody sets the clock right
        if (kind >= 79 && kind < 83) (chance(50) ? house_.first : second_) = house_.start();
        look();
    }

    void look() {
        if (chance(25)) {
            both_look();
            return;
        }
        auto& one = chance(50) ? *house_.first : *second_;
        (void)house_.run(one.pass());
    }

    void both_look() {
        auto left = async::asio::co_spawn(house_.context, house_.first->pass(), async::asio::use_future);
        (void)house_.run(second_->pass());
        while (left.wait_for(0s) != std::future_status::ready) {
            house_.context.restart();
            house_.context.run_one();
        }
    }

    /// A callback about some call: the right one, an old one again, or one that overtook others.
    void hear() {
        if (house_.network.made.empty()) return;
        static constexpr std::array statuses{CallStatus::initiated, CallStatus::ringing,   CallStatus::in_progress,
                                             CallStatus::completed, CallStatus::completed, CallStatus::busy,
                                             CallStatus::no_answer, CallStatus::failed};
        hear(any_of(house_.network.made), any_of(statuses));
    }

    void hear(FailingNetwork::Made& made, CallStatus status) {
        static constexpr std::array outcomes{CallOutcome::completed, CallOutcome::dropped,    CallOutcome::voicemail,
                                             CallOutcome::refused,   CallOutcome::call_later, CallOutcome::none};
        auto outcome = CallOutcome::none;
        if (status == CallStatus::completed) outcome = any_of(outcomes);
        if (status == CallStatus::busy || status == CallStatus::no_answer) outcome = CallOutcome::no_answer;
        // At Twilio a call that is over stays so.
        const auto before = domain::parse_call_status(made.status).value_or(CallStatus::queued);
        made.status = std::string(to_string(domain::advance(before, status)));
        house_.callback(made, status, outcome);
    }

    void change_mind() {
        auto& truth = *std::next(truths_.begin(), static_cast<std::ptrdiff_t>(below(truths_.size())));
        auto& [id, wishes] = truth;
        if (chance(20)) {
            wishes.opted_out = true;
        } else {
            wishes.consents = !wishes.consents;
        }
        house_.change_patient(id, [&wishes = wishes](domain::Patient& patient) {
            patient.opted_out = wishes.opted_out;
            patient.consents.calls = wishes.consents;
        });
    }

    /// The weather clears up, Twilio tells what it owes, and nothing may be left lying.
    void settle() {
        house_.network.list_down = false;
        house_.network.fates.clear();
        for (int i = 0; i < 40 && complaint.empty(); ++i) {
            for (auto& made : house_.network.made)
                if (!domain::is_final(house_.call(made.id).status)) hear(made, CallStatus::completed);
            const auto next = house_.database->call_plan().next_due().value();
            const auto unknown = house_.database->call_plan().unknown(1).value();
            if (!next && unknown.empty()) break;
            house_.clock.advance(next ? std::clamp<milliseconds>(*next - house_.clock.wall, 6min, 12h) : 6min);
            for (int pass = 0; pass < 3; ++pass) {
                (void)house_.run(house_.first->pass());
                house_.clock.advance(1s);
            }
        }
        const auto unknown = house_.database->call_plan().unknown(10).value();
        const auto left = house_.database->call_plan().due(house_.clock.wall - 6h, house_.clock.wall - 6h, 10).value();
        if (!unknown.empty()) broke("a call stays unknown for days", unknown.front().call_session_id);
        if (!left.empty()) broke("an entry lies there for hours", left.front());
    }

    void end() {
        if (!asked_.empty()) ++histories_with_dials;
        for (const auto& [id, truth] : truths_) (void)house_.database->patients().erase(PatientId(id)).value();
    }

    // ---- What must hold, at the moment at which Twilio is asked

    void judge(const CallSessionId& id) {
        ++dialled;
        const auto now = house_.clock.wall;
        const auto call = house_.call(id);
        const auto& truth = truths_.at(call.patient_id.str());
        if (truth.opted_out) broke("dialled after an opt-out", id);
        if (!truth.consents) broke("dialled without consent", id);
        judge_hours(id, truth, now);
        if (last_ && house_.clock.steady - *last_ < std::chrono::duration<double>(1 / calls_per_second))
            broke("dialled above the rate", id);
        last_ = house_.clock.steady;
        for (const auto& made : house_.network.made)
            if (made.id == id) broke("dialled twice for one entry", id);
        if (call.attempt > house_.plan.attempts_in_all) broke("dialled too often", id);
        asked_.insert(id.str());
    }

    void judge_hours(const CallSessionId& id, const Truth& truth, WallTime now) {
        const auto hours = house_.settings.hours;
        if (domain::is_always(hours)) return;
        const auto zones =
            truth.zone.empty() ? house_.plan.zones_by_prefix.find("1")->second : std::vector<std::string>{truth.zone};
        for (const auto& zone : zones) {
            const int minute = domain::local_time(now, zone, house_.zones)->minute_of_day;
            const bool inside = hours.from_minute < hours.to_minute
                                    ? minute >= hours.from_minute && minute < hours.to_minute
                                    : minute >= hours.from_minute || minute < hours.to_minute;
            if (!inside) broke("dialled outside the hours of " + zone, id);
        }
    }

    void broke(const std::string& what, const CallSessionId& id) {
        if (complaint.empty())
            complaint = "history " + std::to_string(seed_) + ": " + what + ": " + id.str() + " at " +
                        format_rfc3339(house_.clock.wall);
    }

    PlanHouse& house_;
    std::unique_ptr<Scheduler> second_;
    std::unique_ptr<SeededRandom> dice_;
    std::uint64_t seed_ = 0;
    std::map<std::string, Truth> truths_;
    std::vector<std::string> entries_;
    std::set<std::string> asked_;
    std::optional<SteadyTime> last_;
};

class JudgeOfHistories : public ::testing::Test {
protected:
    static CallSettings settings() {
        CallSettings settings;
        settings.calls_per_second = calls_per_second;
        return settings;
    }

    PlanHouse house{settings()};
    History history{house};
};

class CallPlanHistories : public JudgeOfHistories, public ::testing::WithParamInterface<int> {};

TEST_P(CallPlanHistories, NeverDialWhereTheyMayNot) {
    for (int i = 0; i < histories; ++i)
        ASSERT_TRUE(history.play(static_cast<std::uint64_t>(GetParam() * histories + i))) << history.complaint;
    EXPECT_GT(history.histories_with_dials, static_cast<std::size_t>(histories) / 2) << "the test tests something";
}
INSTANTIATE_TEST_SUITE_P(Seeds, CallPlanHistories, ::testing::Range(0, 8));

/// The judge is awake: with a Twilio whose list lags by far more than we allow for, calls are made twice.
TEST_F(JudgeOfHistories, CatchesADoubleDial) {
    history.worst_list_lag = 30min;
    bool caught = false;
    for (std::uint64_t seed = 0; seed < 2'000 && !caught; ++seed)
        caught = !history.play(seed) && history.complaint.find("twice") != std::string::npos;
    EXPECT_TRUE(caught);
}

}  // namespace
}  // namespace carevoice::calls
