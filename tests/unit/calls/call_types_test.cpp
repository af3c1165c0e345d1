// Enrollment and education from the request to what is stored.
#include "calls/call_service.h"

#include "support/call_house.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

using testing::HasSubstr;
using tests::CallHouse;

void begin(CallHouse& house, domain::CallType type) {
    InitiateRequest request;
    request.patient_id = PatientId("ruth");
    request.call_session_id = CallSessionId("s1");
    request.call_type = type;
    request.request_body = "{}";
    (void)house.run(house.service->initiate(std::move(request))).value();
    house.voice();
    house.gather("This is Ruth Albrecht, March fourteenth, nineteen fifty-seven.");
}

std::string text_of(const domain::Facts& facts, const std::string& name) {
    const auto found = facts.find(name);
    return found == facts.end() ? "?" : std::get<std::string>(found->second);
}

TEST(EnrollmentCall, WritesTheConsentsIntoThePatientsRecordAndTheWishesIntoItsFacts) {
    CallHouse house(false);
    begin(house, domain::CallType::enrollment);
    for (const auto* answer :
         {"Yes, I agree to that.", "No, I'd rather not be recorded.", "Mornings, not on Sundays.",
          "Yes, you can leave a message.", "My son Paul, 555-0142. You can talk to him.", "English."})
        house.gather(answer);
    const auto patient = house.database->patients().find(PatientId("ruth")).value();
    EXPECT_EQ(patient.consents, (domain::Consents{true, false, true}));
    const auto facts = house.details().facts;
    EXPECT_EQ(text_of(facts, "preferred_start"), "08:00");
    EXPECT_EQ(text_of(facts, "caregiver_name"), "Paul");
    EXPECT_EQ(text_of(facts, "caregiver_phone"), "555-0142");
    EXPECT_TRUE(std::get<bool>(facts.at("caregiver_may_discuss")));
    EXPECT_EQ(text_of(facts, "language"), "en");
    EXPECT_THAT(house.details().turns.back().text, HasSubstr("Paul, your son"));
    EXPECT_FALSE(patient.caregiver) << "not before the patient has heard what we understood";
    house.gather("No, that's right.");
    EXPECT_EQ(house.database->patients().find(PatientId("ruth")).value().caregiver,
              (domain::Caregiver{"Paul", "+14155550142", true}));
}

TEST(EnrollmentCall, ARefusalIsInTheRecordToo) {
    CallHouse house(false);
    begin(house, domain::CallType::enrollment);
    house.gather("No, I don't want these calls.");
    EXPECT_FALSE(house.database->patients().find(PatientId("ruth")).value().consents.calls);
    EXPECT_EQ(house.details().call.outcome, domain::CallOutcome::refused);
}

TEST(EducationCall, KeepsTheGradeOfEachKeyPoint) {
    CallHouse house(false);
    begin(house, domain::CallType::education);
    house.gather("Yes.");
    house.gather("If I have a fever, or the cut is red. And 911 for chest pain.");
    house.gather("Only if I have a fever.");
    house.gather("If I have a fever, I said.");
    const auto details = house.details();
    EXPECT_EQ(text_of(details.facts, "teachback_red_flags"), "incomplete");
    EXPECT_EQ(text_of(details.facts, "teachback_red_flags_fever"), "said");
    EXPECT_EQ(text_of(details.facts, "teachback_red_flags_calf"), "missing");
    const auto task = std::ranges::find(details.alerts, domain::AlertType::patient_concern, &domain::Alert::type);
    ASSERT_NE(task, details.alerts.end());
    EXPECT_EQ(task->evidence.front().rule, "T1");
}

}  // namespace
}  // namespace carevoice::calls
