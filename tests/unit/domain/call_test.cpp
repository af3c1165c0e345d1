#include "domain/call.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace carevoice::domain {
namespace {

constexpr std::array all_statuses{CallStatus::scheduled, CallStatus::unknown, CallStatus::queued,
                                  CallStatus::initiated, CallStatus::ringing, CallStatus::in_progress,
                                  CallStatus::completed, CallStatus::busy,    CallStatus::no_answer,
                                  CallStatus::failed,    CallStatus::canceled};

int rank(CallStatus status) {
    return is_final(status) ? 100 : static_cast<int>(status);
}

CallStatus after(const std::vector<CallStatus>& reports) {
    auto status = CallStatus::scheduled;
    for (const auto reported : reports) status = advance(status, reported);
    return status;
}

TEST(CallStatus, NeverMovesBackwards) {
    for (const auto current : all_statuses)
        for (const auto reported : all_statuses) EXPECT_GE(rank(advance(current, reported)), rank(current));
}

TEST(CallStatus, KeepsTheFirstFinalStatus) {
    for (const auto first : all_statuses)
        for (const auto second : all_statuses)
            if (is_final(first)) EXPECT_EQ(advance(first, second), first);
}

TEST(CallStatus, ComesToTheSameEndWhateverTheOrderAndRepetitionOfCallbacks) {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        // Any set of reports with at most one final among them, as Twilio sends for one call.
        std::vector<CallStatus> reports;
        for (const auto status : all_statuses)
            if (!is_final(status) && random() % 2 == 0) reports.push_back(status);
        if (random() % 2 == 0) reports.push_back(all_statuses[6 + random() % 5]);
        const auto expected = after(reports);
        auto shuffled = reports;
        for (const auto status : reports)
            for (auto times = random() % 3; times > 0; --times) shuffled.push_back(status);
        std::ranges::shuffle(shuffled, random);
        EXPECT_EQ(after(shuffled), expected);
    }
}

TEST(CallStatus, ReadsTwiliosWordsAndTheirVariants) {
    EXPECT_EQ(parse_call_status("answered"), CallStatus::in_progress);
    EXPECT_EQ(parse_call_status("in-progress"), CallStatus::in_progress);
    EXPECT_EQ(parse_call_status("cancelled"), CallStatus::canceled);
    EXPECT_EQ(parse_call_status("IN-PROGRESS"), std::nullopt);
    EXPECT_EQ(parse_call_status(""), std::nullopt);
    for (const auto status : all_statuses) EXPECT_EQ(parse_call_status(to_string(status)), status);
}

TEST(CallNames, RoundTrip) {
    for (const auto type : {CallType::followup, CallType::enrollment, CallType::education})
        EXPECT_EQ(parse_call_type(to_string(type)), type);
    for (const auto mode : {CallMode::updates, CallMode::stream, CallMode::gather})
        EXPECT_EQ(parse_call_mode(to_string(mode)), mode);
    for (int i = 0; i <= static_cast<int>(CallOutcome::failed); ++i)
        EXPECT_EQ(parse_call_outcome(to_string(static_cast<CallOutcome>(i))), static_cast<CallOutcome>(i));
    for (int i = 0; i <= static_cast<int>(TopicState::skipped); ++i)
        EXPECT_EQ(parse_topic_state(to_string(static_cast<TopicState>(i))), static_cast<TopicState>(i));
}

TEST(AnsweredBy, IsReadByPrefixAndUnknownOtherwise) {
    EXPECT_EQ(parse_answered_by("human"), AnsweredBy::human);
    EXPECT_EQ(parse_answered_by("machine_end_beep"), AnsweredBy::machine);
    EXPECT_EQ(parse_answered_by("machine_start"), AnsweredBy::machine);
    EXPECT_EQ(parse_answered_by("fax"), AnsweredBy::fax);
    EXPECT_EQ(parse_answered_by(""), AnsweredBy::unknown);
    EXPECT_EQ(parse_answered_by("something new"), AnsweredBy::unknown);
}

TEST(Duration, NeedsBothTimesAndIsNeverNegative) {
    Call call;
    EXPECT_EQ(duration_seconds(call), std::nullopt);
    call.answered_at = WallTime(milliseconds(10'000));
    EXPECT_EQ(duration_seconds(call), std::nullopt);
    call.ended_at = WallTime(milliseconds(75'900));
    EXPECT_EQ(duration_seconds(call), 65);
    call.ended_at = WallTime(milliseconds(5'000));
    EXPECT_EQ(duration_seconds(call), 0);
}

}  // namespace
}  // namespace carevoice::domain
