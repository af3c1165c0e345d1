#include "api/routes.h"

#include "api_house.h"

#include <gtest/gtest.h>

namespace carevoice::api {
namespace {

/// A call with one urgent alert; its id.
std::string raise_alert(ApiHouse& api) {
    api.post_json("/api/v1/calls/initiate", R"({"patient_id":"ruth","call_type":"followup","call_session_id":"s1"})");
    storage::TurnRecord record;
    record.call_session_id = CallSessionId("s1");
    record.alerts.push_back({.type = domain::AlertType::wound_problem,
                             .severity = domain::Severity::urgent,
                             .evidence = {.text = "it is leaking", .audio_ms = 4200, .rule = "W1"}});
    record.facts = {{"wound_signs", std::vector<std::string>{"drainage"}}, {"pain_score", 3.0}, {"consent", true}};
    record.now = api.house.clock.wall;
    const auto stored = api.house.database->conversations().record(record, [] { return AlertId("alert-1"); });
    EXPECT_TRUE(stored.has_value());
    return "alert-1";
}

TEST(AlertRoutes, ListsAcknowledgesAndResolves) {
    ApiHouse api;
    const auto id = raise_alert(api);
    const auto listed = body_of(api.get("/api/v1/alerts?status=open"));
    ASSERT_EQ(listed.at("alerts").as_array().size(), 1U);
    EXPECT_EQ(listed.at("alerts").at(0).at("evidence").at("text"), "it is leaking");
    EXPECT_TRUE(body_of(api.get("/api/v1/alerts?at_least=critical")).at("alerts").as_array().empty());
    EXPECT_EQ(body_of(api.post_json("/api/v1/alerts/" + id + "/acknowledge", "")).at("status"), "acknowledged");
    EXPECT_EQ(body_of(api.post_json("/api/v1/alerts/" + id + "/resolve", "")).at("status"), "resolved");
    EXPECT_TRUE(body_of(api.get("/api/v1/alerts?status=open")).at("alerts").as_array().empty());
    const auto status = body_of(api.get("/api/v1/calls/status/s1"));
    EXPECT_EQ(status.at("clinical_data").at("pain_score"), 3);
    EXPECT_EQ(status.at("alerts").as_array().size(), 1U);
}

TEST(AlertRoutes, KeepsWhoDidWhatAndWhatTheyWrote) {
    ApiHouse api;
    const std::string alert = "/api/v1/alerts/" + raise_alert(api);
    EXPECT_TRUE(body_of(api.get(alert)).at("history").as_array().empty());
    EXPECT_TRUE(body_of(api.get(alert)).at("respond_by").is_string());
    api.post_json(alert + "/acknowledge", R"({"by": "Nurse A"})");
    api.post_json(alert + "/acknowledge", R"({"by": "Nurse B"})");
    api.post_json(alert + "/notes", R"({"by": "Nurse A", "note": "she sees the clinic at ten"})");
    api.post_json(alert + "/resolve", R"({"by": "Nurse B", "note": "settled"})");
    const auto body = body_of(api.get(alert));
    EXPECT_EQ(body.at("acknowledged_by"), "Nurse A");
    const auto& history = body.at("history").as_array();
    ASSERT_EQ(history.size(), 3U);
    EXPECT_EQ(history[0].at("status"), "acknowledged");
    EXPECT_TRUE(history[1].at("status").is_null());
    EXPECT_EQ(history[1].at("note"), "she sees the clinic at ten");
    EXPECT_EQ(history[2].at("by"), "Nurse B");
}

TEST(AlertRoutes, RefusesWordsAtFaultAndNamesThem) {
    ApiHouse api;
    const std::string alert = "/api/v1/alerts/" + raise_alert(api);
    EXPECT_EQ(field_of(api.post_json(alert + "/notes", R"({"by": "Nurse A"})")), "note");
    EXPECT_EQ(field_of(api.post_json(alert + "/notes", "")), "note");
    EXPECT_EQ(field_of(api.post_json(alert + "/acknowledge", R"({"by": 7})")), "by");
    EXPECT_EQ(field_of(api.post_json(alert + "/acknowledge", R"({"who": "x"})")), "who");
    EXPECT_EQ(api.post_json(alert + "/resolve", "not json").status, 400);
    EXPECT_EQ(field_of(api.post_json(alert + "/resolve", R"({"note": ")" + std::string(2'001, 'x') + R"("})")), "note");
    EXPECT_EQ(body_of(api.get(alert)).at("status"), "open");
    EXPECT_EQ(api.get("/api/v1/alerts/nope").status, 404);
}

TEST(AlertRoutes, RefusesUnknownIdsAndFilters) {
    ApiHouse api;
    for (const std::string id : {"nope", "..%2f", "%00", "a%27b"})
        EXPECT_EQ(api.post_json("/api/v1/alerts/" + id + "/acknowledge", "").status, 404) << id;
    EXPECT_EQ(field_of(api.get("/api/v1/alerts?status=loud")), "status");
    EXPECT_EQ(field_of(api.get("/api/v1/alerts?at_least=9")), "at_least");
    EXPECT_EQ(field_of(api.get("/api/v1/alerts?limit=0")), "limit");
    EXPECT_EQ(field_of(api.get("/api/v1/alerts?cursor=xyz")), "cursor");
    EXPECT_TRUE(body_of(api.get("/api/v1/alerts?call_session_id=..%2f")).at("alerts").as_array().empty());
    api.expect_alive();
}

}  // namespace
}  // namespace carevoice::api
