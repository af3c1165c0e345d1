// What a call leaves behind for those who look at it: grades, consents, and how well the conversations went.
#include "api/routes.h"

#include "api_house.h"
#include "support/scripted_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace carevoice::api {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

/// Call "s1" over the API, in `gather` mode, played to where the patient is known.
void begin(ApiHouse& api, const std::string& type) {
    const auto answer = api.post_json("/api/v1/calls/initiate", R"({"patient_id":"ruth","call_type":")" + type +
                                                                    R"(","call_session_id":"s1","mode":"gather"})");
    ASSERT_EQ(answer.status, 201);
    api.post_form("/api/v1/twilio/voice-webhook/s1", api.webhook({{"CallStatus", "in-progress"}}));
}

void say(ApiHouse& api, const char* words) {
    const auto answer = api.post_form("/api/v1/twilio/gather/s1",
                                      api.webhook({{"CallStatus", "in-progress"}, {"SpeechResult", words}}));
    EXPECT_EQ(answer.status, 200);
}

void hang_up(ApiHouse& api) {
    api.post_form("/api/v1/twilio/status-callback/s1",
                  api.webhook({{"CallStatus", "completed"}, {"SequenceNumber", "3"}}));
    ASSERT_TRUE(api.house.until_no_call_lives());
}

constexpr const char* who = "This is Ruth Albrecht, March fourteenth, nineteen fifty-seven.";

TEST(CallQuality, AnEnrollmentsConsentsAndWishesAreShown) {
    ApiHouse api({.with_engine = false});
    begin(api, "enrollment");
    for (const auto* answer : {who, "Yes, I agree to that.", "No, I'd rather not be recorded.",
                               "Mornings, not on Sundays.", "Yes, you can leave a message.",
                               "My son Paul, 555-0142. You can talk to him.", "Spanish.", "No, that's right."})
        say(api, answer);
    const auto patient = body_of(api.get("/api/v1/patients/ruth"));
    EXPECT_EQ(patient.at("consents"), (json::value{{"calls", true}, {"recording", false}, {"voicemail", true}}));
    EXPECT_EQ(patient.at("caregiver"),
              (json::value{{"name", "Paul"}, {"phone", "+14155550142"}, {"authorised", true}}));
    EXPECT_EQ(patient.at("language"), "es");
    const auto status = body_of(api.get("/api/v1/calls/status/s1"));
    const auto& learned = status.at("clinical_data");
    EXPECT_EQ(learned.at("consent_calls"), true);
    EXPECT_EQ(learned.at("consent_recording"), false);
    EXPECT_EQ(learned.at("voicemail_ok"), true);
    EXPECT_EQ(learned.at("preferred_start"), "08:00");
    EXPECT_EQ(learned.at("excluded_days"), (json::array{"Sunday"}));
    hang_up(api);
    const auto transcript = body_of(api.get("/api/v1/calls/transcripts/s1"));
    EXPECT_THAT(std::string(transcript.at("summary").as_string()), HasSubstr("onsent recording: no"));
}

TEST(CallQuality, TheGradesOfATeachBackAreShown) {
    ApiHouse api({.with_engine = false});
    begin(api, "education");
    for (const auto* answer : {who, "Yes.", "If I have a fever, or the cut is red. And 911 for chest pain.",
                               "Only if I have a fever.", "If I have a fever, I said."})
        say(api, answer);
    const auto status = body_of(api.get("/api/v1/calls/status/s1"));
    const auto& learned = status.at("clinical_data");
    EXPECT_EQ(learned.at("teachback_red_flags"), "incomplete") << json::serialize(learned);
    EXPECT_EQ(learned.at("teachback_red_flags_fever"), "said");
    EXPECT_EQ(learned.at("teachback_red_flags_calf"), "missing");
    EXPECT_EQ(status.at("alerts").at(0).at("rule"), "T1");
    hang_up(api);
    const auto transcript = body_of(api.get("/api/v1/calls/transcripts/s1"));
    EXPECT_THAT(std::string(transcript.at("summary").as_string()), HasSubstr("red flags: incomplete ("));
    const auto& turns = transcript.at("turns").as_array();
    EXPECT_TRUE(
        std::ranges::any_of(turns, [](const json::value& turn) { return turn.at("topic") == "teachback_red_flags"; }));
}

/// The figures of analytics, counted from what the other routes show of the one call there is.
struct Recount {
    explicit Recount(ApiHouse& api) {
        const auto transcript = body_of(api.get("/api/v1/calls/transcripts/s1"));
        for (const auto& turn : transcript.at("turns").as_array()) {
            const auto& wording = turn.at("wording");
            EXPECT_EQ(wording.is_null(), turn.at("speaker") == "patient");
            if (wording.is_null()) continue;
            ++sources[std::string(wording.at("source").as_string())];
            if (!wording.at("fallback").is_null()) ++fallbacks[std::string(wording.at("fallback").as_string())];
            if (!wording.at("guard_rail").is_null()) ++rails[std::string(wording.at("guard_rail").as_string())];
            if (!wording.at("model_ms").is_null()) waits.push_back(wording.at("model_ms").as_int64());
        }
        std::ranges::sort(waits);
    }
    /// The least value that `part` of all do not exceed.
    [[nodiscard]] std::int64_t percentile(double part) const {
        return waits[static_cast<std::size_t>(std::ceil(part * static_cast<double>(waits.size()))) - 1];
    }
    static json::value counts(const std::map<std::string, int>& by_name) { return json::value_from(by_name); }

    std::map<std::string, int> sources;
    std::map<std::string, int> fallbacks;
    std::map<std::string, int> rails;
    std::vector<std::int64_t> waits;
};

TEST(CallQuality, AnalyticsAgreeWithWhatTheCallsShow) {
    tests::ScriptedWriter writer;
    ApiHouse api({.with_engine = false, .reply_writer = &writer.writer});
    writer.model.on_ask = [&] { api.house.clock.ahead += milliseconds{100 * writer.model.asked}; };
    begin(api, "followup");
    say(api, who);
    say(api, "Yes.");
    writer.model.speak =
        "Thank you, a three. Do you have any shortness of breath, chest pain, or pain or swelling in one calf?";
    say(api, "It is a three.");
    writer.model.speak = "That is perfectly normal.";
    say(api, "No, nothing like that.");
    writer.model.failure = Error{Errc::timed_out, "late"};
    say(api, "It looks clean and dry.");
    writer.model.failure = Error{Errc::unavailable, "no", std::string(ai::breaker_field)};
    say(api, "I would rather not say.");
    hang_up(api);

    const auto figures = body_of(api.get("/api/v1/calls/analytics"));
    const Recount recount(api);
    EXPECT_EQ(figures.at("wording"), Recount::counts(recount.sources));
    EXPECT_EQ(figures.at("ai_fallbacks"), Recount::counts(recount.fallbacks));
    EXPECT_EQ(figures.at("guard_rails"), Recount::counts(recount.rails));
    EXPECT_EQ(recount.sources.at("model"), 1);
    EXPECT_EQ(recount.fallbacks.at("late"), 1);
    EXPECT_EQ(recount.fallbacks.at("guard_rails"), 2) << "of a question that was not due, and of what is normal";
    EXPECT_EQ(figures.at("ai_latency").at("asked"), recount.waits.size());
    EXPECT_GT(recount.percentile(0.95), recount.percentile(0.5));
    EXPECT_EQ(figures.at("ai_latency").at("p50_ms"), recount.percentile(0.5));
    EXPECT_EQ(figures.at("ai_latency").at("p95_ms"), recount.percentile(0.95));

    std::map<std::string, std::string> asked;
    const auto status = body_of(api.get("/api/v1/calls/status/s1"));
    for (const auto& topic : status.at("topics").as_array())
        asked[std::string(topic.at("topic").as_string())] = std::string(topic.at("state").as_string());
    std::size_t found = 0;
    for (const auto& topic : figures.at("topics").as_array()) {
        const auto state = asked.find(std::string(topic.at("topic").as_string()));
        const bool was_asked = state != asked.end();
        found += was_asked ? 1 : 0;
        EXPECT_EQ(topic.at("planned"), 1);
        EXPECT_EQ(topic.at("asked"), was_asked ? 1 : 0);
        EXPECT_EQ(topic.at("coverage"), was_asked && state->second == "answered" ? 1.0 : 0.0);
        EXPECT_EQ(topic.at("declined"), was_asked && state->second == "declined" ? 1 : 0);
        if (was_asked)
            EXPECT_EQ(topic.at("unclear_rate"), state->second == "unclear" ? 1.0 : 0.0);
        else
            EXPECT_TRUE(topic.at("unclear_rate").is_null());
    }
    EXPECT_EQ(found, asked.size());
    EXPECT_GE(found, 3U);
    const auto none = body_of(api.get("/api/v1/calls/analytics?from=2030-01-01T00:00:00Z"));
    EXPECT_TRUE(none.at("topics").as_array().empty());
    EXPECT_TRUE(none.at("ai_latency").at("p50_ms").is_null());
}

}  // namespace
}  // namespace carevoice::api
