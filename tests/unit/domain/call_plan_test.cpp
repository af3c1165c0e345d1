#include "domain/call_plan.h"

#include "core/random.h"
#include "core/resources.h"
#include "domain/dialogue.h"
#include "support/table_zones.h"

#include <gtest/gtest.h>

#include <array>

namespace carevoice::domain {
namespace {

using namespace std::chrono_literals;

const tests::TableZones zones;

WallTime at(std::string_view text) {
    return parse_rfc3339(text).value();
}

const CallPlan& plan() {
    static const CallPlan loaded = CallPlan::load(find_embedded_resource("protocols/call_plan.json").value()).value();
    return loaded;
}

DialWindow window(CallingHours hours = {}) {
    return {.plan = plan(), .hours = hours, .zones = zones};
}

Patient ruth() {
    Patient patient;
    patient.patient_id = PatientId("ruth");
    patient.phone = "+14155550101";
    patient.time_zone = "America/Chicago";
    patient.surgery_date = parse_date("2026-06-01").value();
    patient.procedure_family = ProcedureFamily::joint;
    patient.consents.calls = true;
    return patient;
}

constexpr std::string_view noon_in_chicago = "2026-06-10T17:00:00Z";

TEST(MayDial, WithConsentWithinTheHours) {
    EXPECT_FALSE(may_dial(ruth(), CallType::followup, at(noon_in_chicago), window()).has_value());
}

TEST(MayDial, NeverAfterAnOptOutWhateverTheCall) {
    auto patient = ruth();
    patient.opted_out = true;
    for (const auto type : {CallType::followup, CallType::enrollment, CallType::education})
        EXPECT_EQ(may_dial(patient, type, at(noon_in_chicago), window()), DialRefusal::opted_out);
}

TEST(MayDial, WithoutConsentForAnEnrollmentOnly) {
    auto patient = ruth();
    patient.consents.calls = false;
    EXPECT_EQ(may_dial(patient, CallType::followup, at(noon_in_chicago), window()), DialRefusal::no_consent);
    EXPECT_EQ(may_dial(patient, CallType::education, at(noon_in_chicago), window()), DialRefusal::no_consent);
    EXPECT_FALSE(may_dial(patient, CallType::enrollment, at(noon_in_chicago), window()).has_value());
}

TEST(MayDial, NotOutsideTheHoursAndThenSaysWhatTimeItIs) {
    const auto night = at("2026-06-10T08:00:00Z");
    const auto refusal = may_dial(ruth(), CallType::followup, night, window());
    ASSERT_EQ(refusal, DialRefusal::outside_hours);
    EXPECT_TRUE(passes_with_time(*refusal));
    const auto error = to_error(*refusal, ruth(), night, window());
    EXPECT_EQ(error.field, "scheduled_at");
    EXPECT_NE(error.detail.find("03:00"), std::string::npos) << error.detail;
}

TEST(MayDial, ToAnUnknownZoneOnlyWhenAllItsCountryIsAwake) {
    auto patient = ruth();
    patient.time_zone.clear();
    CallPlan states = plan();
    states.zones_by_prefix = {{"1", {"America/New_York", "America/Chicago", "Pacific/Honolulu"}}};
    const DialWindow narrow{.plan = states, .hours = {}, .zones = zones};
    EXPECT_EQ(may_dial(patient, CallType::followup, at("2026-06-10T15:00:00Z"), narrow), DialRefusal::outside_hours)
        << "five in the morning in Honolulu";
    EXPECT_FALSE(may_dial(patient, CallType::followup, at("2026-06-10T18:00:00Z"), narrow).has_value());
    patient.phone = "+99955550101";
    EXPECT_EQ(may_dial(patient, CallType::followup, at(noon_in_chicago), narrow), DialRefusal::unknown_zone);
}

TEST(MayDial, NotANumberThatIsNone) {
    auto patient = ruth();
    patient.phone = "555-0101";
    EXPECT_EQ(may_dial(patient, CallType::followup, at(noon_in_chicago), window()), DialRefusal::phone);
}

// ---- The ladder

NextStep after(std::vector<Attempt> attempts, milliseconds lasted = 1min, CallingHours hours = {}) {
    const auto ended = attempts.back().dialled_at + lasted;
    return next_step(ruth(), attempts, ended, window(hours));
}

std::string when(const NextStep& step) {
    if (step.kind == NextStep::Kind::nothing) return "nothing";
    if (step.kind == NextStep::Kind::give_up) return "give up";
    return format_rfc3339(step.at).substr(0, 16);
}

TEST(RetryLadder, WaitsAsLongAsTheEndOfTheAttemptAsks) {
    const auto noon = at(noon_in_chicago);
    EXPECT_EQ(when(after({{noon, AttemptEnd::busy}})), "2026-06-10T17:11");
    EXPECT_EQ(when(after({{noon, AttemptEnd::no_answer}})), "2026-06-10T19:01");
    EXPECT_EQ(when(after({{noon, AttemptEnd::machine}})), "2026-06-10T20:01");
    EXPECT_EQ(when(after({{noon, AttemptEnd::failed}})), "2026-06-10T17:31");
    EXPECT_EQ(when(after({{noon, AttemptEnd::settled}})), "nothing");
    EXPECT_EQ(when(after({{noon, AttemptEnd::refused}})), "give up");
}

TEST(RetryLadder, CallsBackOnceWhenTheLineWentAwayAndGoesOnWithTheConversation) {
    const auto noon = at(noon_in_chicago);
    const auto first = after({{noon, AttemptEnd::dropped}}, 5min);
    EXPECT_EQ(when(first), "2026-06-10T17:07");
    EXPECT_TRUE(first.goes_on);
    EXPECT_EQ(when(after({{noon, AttemptEnd::dropped}, {noon + 7min, AttemptEnd::dropped}})), "give up");
}

TEST(RetryLadder, DoesNotGoOnWithAConversationTheNextMorning) {
    // Dropped at 20:59: the next opening is 8:00.
    const auto step = after({{at("2026-06-11T01:58:00Z"), AttemptEnd::dropped}});
    EXPECT_EQ(when(step), "2026-06-11T13:00");
    EXPECT_FALSE(step.goes_on);
}

TEST(RetryLadder, TriesAnotherTimeOfDayOnTheNextDay) {
    const auto morning = at("2026-06-10T15:00:00Z");  // 10:00 in Chicago
    const std::vector<Attempt> three{
        {morning, AttemptEnd::no_answer}, {morning + 2h, AttemptEnd::no_answer}, {morning + 4h, AttemptEnd::no_answer}};
    // 10, 12 and 14 o'clock were tried: 18:00 is farthest from them.
    EXPECT_EQ(when(after(three)), "2026-06-11T23:00");
}

TEST(RetryLadder, GivesUpAfterAllAttempts) {
    std::vector<Attempt> attempts;
    auto moment = at("2026-06-10T15:00:00Z");
    for (int i = 0; i < plan().attempts_in_all; ++i) {
        if (!attempts.empty()) {
            const auto step = after(attempts);
            ASSERT_EQ(step.kind, NextStep::Kind::try_again) << i;
            moment = step.at;
        }
        attempts.push_back({moment, AttemptEnd::no_answer});
    }
    EXPECT_EQ(when(after(attempts)), "give up");
}

TEST(RetryLadder, WithoutRulesNothingIsTriedAgain) {
    const CallPlan none;
    const DialWindow empty{.plan = none, .hours = {}, .zones = zones};
    const std::vector<Attempt> attempts{{at(noon_in_chicago), AttemptEnd::no_answer}};
    EXPECT_EQ(next_step(ruth(), attempts, at(noon_in_chicago), empty).kind, NextStep::Kind::nothing);
}

/// Whatever happens on the line, whenever and wherever: the next call is within the hours, not too early, and neither a
/// day nor the whole ladder sees more attempts than planned.
TEST(RetryLadder, KeepsItsPromisesInRandomHistories) {
    const std::array<const char*, 6> places{"America/Chicago",  "Asia/Kolkata", "Pacific/Kiritimati",
                                            "Pacific/Honolulu", "Africa/Cairo", ""};
    const std::array<AttemptEnd, 6> ends{AttemptEnd::busy,    AttemptEnd::no_answer, AttemptEnd::machine,
                                         AttemptEnd::dropped, AttemptEnd::failed,    AttemptEnd::call_later};
    SeededRandom random(5);
    const auto below = [&random](std::uint64_t limit) { return random.next_u64() % limit; };
    CallPlan states = plan();
    states.zones_by_prefix = {{"1", {"America/New_York", "America/Los_Angeles", "Pacific/Honolulu"}}};
    for (int history = 0; history < 5'000; ++history) {
        auto patient = ruth();
        patient.time_zone = places[below(places.size())];
        CallingHours hours;
        if (below(4) == 0) hours = {20 * 60, 11 * 60};
        if (below(8) == 0) hours = {0, 1'440};
        const DialWindow here{.plan = states, .hours = hours, .zones = zones};
        const auto changes = below(2) == 0 ? at("2026-03-06T00:00:00Z") : at("2026-10-30T00:00:00Z");
        auto moment = next_dial_time(patient, changes + std::chrono::minutes(below(4'320)), here);
        std::vector<Attempt> attempts;
        std::map<std::string, int> by_day;
        const std::string calendar = patient.time_zone.empty() ? "America/New_York" : patient.time_zone;
        while (moment) {
            ASSERT_FALSE(may_dial(patient, CallType::followup, *moment, here).has_value());
            ASSERT_LE(++by_day[format_date(local_time(*moment, calendar, zones)->date)], states.attempts_a_day);
            attempts.push_back({*moment, ends[below(ends.size())]});
            ASSERT_LE(attempts.size(), static_cast<std::size_t>(states.attempts_in_all));
            const auto ended = *moment + std::chrono::seconds(below(900));
            const auto step = next_step(patient, attempts, ended, here);
            if (step.kind != NextStep::Kind::try_again) break;
            ASSERT_GE(step.at, ended + states.rule_after(attempts.back().end)->wait);
            ASSERT_LE(step.at, ended + 72h) << "nobody is forgotten for days";
            moment = step.at;
        }
    }
}

// ---- How a call ended

Call ended(CallStatus status, CallOutcome outcome) {
    Call call;
    call.call_sid = CallSid("CA1");
    call.status = status;
    call.outcome = outcome;
    call.ended_at = at(noon_in_chicago);
    return call;
}

TEST(AttemptEnds, AreReadFromStatusAndOutcome) {
    const auto now = at(noon_in_chicago) + 1min;
    EXPECT_EQ(attempt_end(ended(CallStatus::busy, CallOutcome::no_answer), now), AttemptEnd::busy);
    EXPECT_EQ(attempt_end(ended(CallStatus::no_answer, CallOutcome::no_answer), now), AttemptEnd::no_answer);
    EXPECT_EQ(attempt_end(ended(CallStatus::failed, CallOutcome::failed), now), AttemptEnd::failed);
    EXPECT_EQ(attempt_end(ended(CallStatus::canceled, CallOutcome::none), now), AttemptEnd::settled);
    EXPECT_EQ(attempt_end(ended(CallStatus::completed, CallOutcome::completed), now), AttemptEnd::settled);
    EXPECT_EQ(attempt_end(ended(CallStatus::completed, CallOutcome::refused), now), AttemptEnd::settled);
    EXPECT_EQ(attempt_end(ended(CallStatus::completed, CallOutcome::voicemail), now), AttemptEnd::machine);
    EXPECT_EQ(attempt_end(ended(CallStatus::completed, CallOutcome::dropped), now), AttemptEnd::dropped);
    EXPECT_EQ(attempt_end(ended(CallStatus::in_progress, CallOutcome::none), now), AttemptEnd::settled);
    auto machine = ended(CallStatus::completed, CallOutcome::dropped);
    machine.answered_by = AnsweredBy::machine;
    EXPECT_EQ(attempt_end(machine, now), AttemptEnd::machine);
    auto never_made = ended(CallStatus::failed, CallOutcome::failed);
    never_made.call_sid = CallSid();
    EXPECT_EQ(attempt_end(never_made, now), AttemptEnd::refused);
}

TEST(AttemptEnds, WaitForTheOutcomeAWhile) {
    const auto call = ended(CallStatus::completed, CallOutcome::none);
    EXPECT_EQ(attempt_end(call, *call.ended_at + 1min), AttemptEnd::undecided);
    EXPECT_EQ(attempt_end(call, *call.ended_at + outcome_patience), AttemptEnd::dropped);
}

TEST(ContinuedDialogue, KeepsWhatWasAnsweredAndAsksAnewWhoIsThere) {
    DialogueState state;
    state.phase = DialoguePhase::ended;
    state.identity_verified = true;
    state.topic = "wound";
    state.outcome = CallOutcome::dropped;
    state.events = 9;
    state.topics = {
        {"identity", TopicState::answered}, {"pain_level", TopicState::answered}, {"wound", TopicState::asked}};
    state.asked = {{"identity", 2}, {"pain_level", 1}, {"wound", 2}};
    state.facts["pain"] = 4.0;
    state.facts["identity_verified"] = true;
    const auto next = dialogue_state_from_json(continued_dialogue(to_json(state))).value();
    EXPECT_EQ(next.phase, DialoguePhase::opening);
    EXPECT_FALSE(next.identity_verified);
    EXPECT_EQ(next.outcome, CallOutcome::none);
    EXPECT_EQ(next.events, 0);
    EXPECT_EQ(next.topics[0].state, TopicState::pending);
    EXPECT_EQ(next.topics[1].state, TopicState::answered);
    EXPECT_EQ(next.topics[2].state, TopicState::pending);
    EXPECT_TRUE(next.facts.contains("pain"));
    EXPECT_FALSE(next.facts.contains("identity_verified"));
    EXPECT_EQ(next.asked, (std::map<std::string, int>{{"pain_level", 1}}));
}

TEST(ContinuedDialogue, OfACallWithoutIdentityIsANewOne) {
    EXPECT_EQ(continued_dialogue(to_json(DialogueState{})), "");
    EXPECT_EQ(continued_dialogue("no json"), "");
}

// ---- Suggestions and the data

TEST(SuggestedCalls, FollowTheDaysAfterTheOperationAndTheFamily) {
    const auto found = suggest_calls(ruth(), at("2026-06-03T12:00:00Z"), window());
    ASSERT_EQ(found.size(), 5U);
    EXPECT_EQ(found.front().day, 4);
    EXPECT_EQ(format_rfc3339(found.front().at).substr(0, 16), "2026-06-05T15:00") << "10:00 in Chicago";
    EXPECT_EQ(found.back().day, 60);
    auto belly = ruth();
    belly.procedure_family = ProcedureFamily::abdominal;
    EXPECT_EQ(suggest_calls(belly, at("2026-06-03T12:00:00Z"), window()).back().day, 30);
    auto unknown = ruth();
    unknown.surgery_date.reset();
    EXPECT_TRUE(suggest_calls(unknown, at("2026-06-03T12:00:00Z"), window()).empty());
}

TEST(NextFollowUp, IsTheNextSuggestedDayOrTomorrowAfterAnAlert) {
    const auto day_four = at("2026-06-05T15:10:00Z");
    EXPECT_EQ(next_follow_up(ruth(), day_four, false, window())->day, 7);
    const auto tomorrow = next_follow_up(ruth(), day_four, true, window());
    ASSERT_TRUE(tomorrow.has_value());
    EXPECT_EQ(tomorrow->day, 5);
    EXPECT_EQ(format_rfc3339(tomorrow->at).substr(0, 16), "2026-06-06T13:10");
    EXPECT_FALSE(next_follow_up(ruth(), at("2026-09-01T15:00:00Z"), false, window()).has_value());
}

TEST(CallPlanData, NamesTheEntryAtFault) {
    const auto fault = [](std::string_view json) {
        const auto loaded = CallPlan::load(json);
        return loaded.has_error() ? loaded.error().detail : std::string("fine");
    };
    EXPECT_EQ(fault(R"({"times_of_day": ["10:00"]})"), "fine");
    EXPECT_NE(fault(R"({"times_of_day": ["25:00"]})").find("times_of_day"), std::string::npos);
    EXPECT_NE(fault(R"({"times_of_day": ["10:00"], "tries": 3})").find("tries"), std::string::npos);
    EXPECT_NE(fault(R"({"times_of_day": ["10:00"], "attempts_a_day": 0})").find("attempts_a_day"), std::string::npos);
    EXPECT_NE(fault(R"({"times_of_day": ["10:00"], "zones_by_prefix": {"1": ["Mars/Olympus"]}})").find("zone"),
              std::string::npos);
    EXPECT_NE(
        fault(R"({"times_of_day": ["10:00"], "retries": [{"after": "refused", "wait_minutes": 1, "reason": "x"}]})")
            .find("after"),
        std::string::npos);
    EXPECT_NE(fault("[]").find("call_plan.json"), std::string::npos);
}

TEST(CallPlanData, HasARuleForEachEndThatMayBeTriedAgain) {
    for (const auto end : {AttemptEnd::busy, AttemptEnd::no_answer, AttemptEnd::machine, AttemptEnd::dropped,
                           AttemptEnd::failed, AttemptEnd::call_later}) {
        const auto* rule = plan().rule_after(end);
        ASSERT_NE(rule, nullptr) << to_string(end);
        EXPECT_EQ(parse_attempt_end(to_string(end)), end);
    }
}

}  // namespace
}  // namespace carevoice::domain
