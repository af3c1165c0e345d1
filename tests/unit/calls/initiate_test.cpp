#include "calls/call_service.h"
#include "support/call_house.h"

#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

using tests::CallHouse;

InitiateRequest followup(std::string id = "s1") {
    InitiateRequest request;
    request.patient_id = PatientId("ruth");
    request.call_session_id = CallSessionId(std::move(id));
    request.request_body = "{}";
    return request;
}

TEST(Initiate, DialsThePatientWithOurUrls) {
    CallHouse house;
    const auto initiated = house.initiate();
    EXPECT_TRUE(initiated.created);
    EXPECT_EQ(initiated.call.status, domain::CallStatus::queued);
    ASSERT_EQ(house.telephony.created.size(), 1U);
    EXPECT_EQ(house.telephony.created[0].to, "+14155550101");
    EXPECT_EQ(house.telephony.created[0].voice_url, "https://voice.example.org/api/v1/twilio/voice-webhook/s1");
}

TEST(Initiate, TheSameRequestAgainIsTheSameCall) {
    CallHouse house;
    house.initiate();
    const auto again = house.run(house.service->initiate(followup())).value();
    EXPECT_FALSE(again.created);
    EXPECT_EQ(house.telephony.created.size(), 1U);
}

TEST(Initiate, TheSameIdWithAnotherRequestIsAConflict) {
    CallHouse house;
    house.initiate();
    auto other = followup();
    other.request_body = "{\"mode\":\"gather\"}";
    EXPECT_EQ(house.run(house.service->initiate(other)).error().code, Errc::conflict);
    EXPECT_EQ(house.telephony.created.size(), 1U);
}

TEST(Initiate, AnUnknownPatientIsNotFound) {
    CallHouse house;
    auto request = followup();
    request.patient_id = PatientId("nobody");
    const auto refused = house.run(house.service->initiate(request));
    EXPECT_EQ(refused.error().code, Errc::not_found);
    EXPECT_EQ(refused.error().field, "patient_id");
}

TEST(Initiate, WithoutConsentOnlyEnrollmentIsDialled) {
    CallHouse house;
    const auto withdraw = [](domain::Patient& patient) { patient.consents.calls = false; };
    ASSERT_TRUE(house.database->patients().update(tests::ruth().patient_id, withdraw).has_value());
    EXPECT_EQ(house.run(house.service->initiate(followup())).error().field, "consents.calls");
    auto enrollment = followup("s2");
    enrollment.call_type = domain::CallType::enrollment;
    EXPECT_TRUE(house.run(house.service->initiate(enrollment)).has_value());
}

TEST(Initiate, WhoOptedOutIsNeverDialled) {
    CallHouse house;
    const auto opt_out = [](domain::Patient& patient) { patient.opted_out = true; };
    ASSERT_TRUE(house.database->patients().update(tests::ruth().patient_id, opt_out).has_value());
    for (const auto type : {domain::CallType::followup, domain::CallType::enrollment, domain::CallType::education}) {
        auto request = followup();
        request.call_type = type;
        EXPECT_EQ(house.run(house.service->initiate(request)).error().field, "consents.calls");
    }
    EXPECT_TRUE(house.telephony.created.empty());
}

TEST(Initiate, OutsideThePatientsHoursNobodyIsDialled) {
    CallHouse house;
    house.clock.wall = parse_rfc3339("2026-11-23T09:00:00Z").value();  // 3 at night in Chicago
    const auto refused = house.run(house.service->initiate(followup()));
    EXPECT_EQ(refused.error().code, Errc::rejected);
    EXPECT_EQ(refused.error().field, "scheduled_at");
    EXPECT_TRUE(house.telephony.created.empty());
}

TEST(Initiate, APlannedCallIsStoredAndNotDialledYet) {
    CallHouse house;
    auto request = followup();
    request.scheduled_at = parse_rfc3339("2026-11-24T16:00:00Z").value();
    const auto planned = house.run(house.service->initiate(request)).value();
    EXPECT_EQ(planned.call.status, domain::CallStatus::scheduled);
    EXPECT_TRUE(house.telephony.created.empty());
}

TEST(Initiate, APlannedCallIsDialledWhenItsTimeComes) {
    CallHouse house;
    auto request = followup();
    request.scheduled_at = parse_rfc3339("2026-11-24T16:00:00Z").value();
    ASSERT_TRUE(house.run(house.service->initiate(request)).has_value());
    (void)house.run(house.service->look_at_schedule());
    EXPECT_TRUE(house.telephony.created.empty());
    house.clock.wall = *request.scheduled_at;
    (void)house.run(house.service->look_at_schedule());
    ASSERT_EQ(house.telephony.created.size(), 1U);
    EXPECT_EQ(house.details().call.status, domain::CallStatus::queued);
}

TEST(Initiate, APlannedCallThatWasWithdrawnIsNotDialled) {
    CallHouse house;
    auto request = followup();
    request.scheduled_at = parse_rfc3339("2026-11-24T16:00:00Z").value();
    ASSERT_TRUE(house.run(house.service->initiate(request)).has_value());
    ASSERT_TRUE(house.run(house.service->end(request.call_session_id)).has_value());
    house.clock.wall = *request.scheduled_at;
    (void)house.run(house.service->look_at_schedule());
    EXPECT_TRUE(house.telephony.created.empty());
}

TEST(Initiate, WithoutAnAnswerFromTwilioTheCallStaysUnknownAndIsNotDialledAgain) {
    CallHouse house;
    house.telephony.create_error = Error{Errc::timed_out, "no answer"};
    EXPECT_EQ(house.initiate().call.status, domain::CallStatus::unknown);
    house.clock.wall += std::chrono::minutes{4};
    (void)house.run(house.service->look_at_schedule());
    EXPECT_EQ(house.telephony.created.size(), 1U);
    EXPECT_EQ(house.details().call.status, domain::CallStatus::unknown);
}

TEST(Initiate, TwiliosRefusalIsPassedOnAndTheCallIsKeptAsFailed) {
    CallHouse house;
    house.telephony.create_error = Error{Errc::rejected, "not allowed to call there", "", 21215};
    const auto refused = house.run(house.service->initiate(followup()));
    EXPECT_EQ(refused.error().provider_code, 21215);
    EXPECT_EQ(house.details().call.status, domain::CallStatus::failed);
}

TEST(Initiate, ATimeOutAdoptsTheCallThatExists) {
    CallHouse house;
    house.telephony.create_error = Error{Errc::timed_out, "no answer"};
    house.telephony.existing = twilio::RemoteCall{.sid = CallSid("CA00000000000000000000000000000009")};
    const auto adopted = house.run(house.service->initiate(followup())).value();
    EXPECT_EQ(adopted.call.call_sid.str(), "CA00000000000000000000000000000009");
    EXPECT_EQ(house.telephony.created.size(), 1U) << "never dialled a second time";
}

TEST(Initiate, StreamModeIsRefusedByName) {
    CallHouse house;
    auto request = followup();
    request.mode = domain::CallMode::stream;
    EXPECT_EQ(house.run(house.service->initiate(request)).error().field, "mode");
}

}  // namespace
}  // namespace carevoice::calls
