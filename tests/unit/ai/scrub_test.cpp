#include "ai/scrub.h"

#include "core/resources.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace carevoice::ai {
namespace {

const Scrubber& scrubber() {
    static const auto shipped = [] {
        auto loaded = Scrubber::load(find_embedded_resource("protocols/lexicon.json").value_or(""));
        if (!loaded) throw std::runtime_error(loaded.error().detail);
        return std::move(*loaded);
    }();
    return shipped;
}

domain::Patient ruth() {
    domain::Patient patient;
    patient.patient_id = PatientId("MRN-00812");
    patient.first_name = "Ruth Ann";
    patient.last_name = "Albrecht";
    patient.date_of_birth = std::chrono::year{1957} / 3 / 14;
    patient.phone = "+15550100200";
    patient.caregiver = domain::Caregiver{"Peter Albrecht", "+15550100300", true};
    patient.care_team = domain::CareTeam{"Surgical Team East", "east@example.org", "+15550100400"};
    return patient;
}

TEST(Scrubber, TakesOutWhatSaysWhoItIs) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"This is ruth albrecht speaking.", "This is NAME NAME speaking."},
        {"Albrecht's knee hurts.", "NAME knee hurts."},
        {"I was born March 14th, 1957.", "I was born DATE."},
        {"the fourteenth of March nineteen fifty-seven", "the DATE"},
        {"It was 3/14/57.", "It was DATE."},
        {"Call me at 555-010-0200.", "Call me at NUMBER."},
        {"It is five five five, oh one oh oh.", "It is NUMBER."},
        {"Write to ruth.a@mail.example.org please.", "Write to EMAIL please."},
        {"My number is MRN-00812.", "My number is NAME."},
        {"I live at 4711 Elm Street.", "I live at NUMBER NAME NAME."},
        {"My neighbor Carol helps me.", "My neighbor NAME helps me."},
        {"Doctor Patel saw it.", "Doctor NAME saw it."},
        {"They call me Ann.", "They call me NAME."},
    };
    const auto identifiers = identifiers_of(ruth());
    for (const auto& [said, sent] : cases) EXPECT_EQ(scrubber().scrub(said, identifiers), sent);
}

TEST(Scrubber, LeavesWhatAModelNeeds) {
    for (const auto* said : {"It is an eight out of ten, and I take Eliquis since Monday.", "The surgical team called.",
                             "My temperature was 101.5.", "I'm worried. It may be red.",
                             "One hundred and eighty pounds.", "I took two of the Tylenol at 9, on the 3rd day."})
        EXPECT_EQ(scrubber().scrub(said, identifiers_of(ruth())), said);
}

TEST(Scrubber, LeavesNoMarkUpAndNoSecondLine) {
    EXPECT_EQ(scrubber().scrub("a\n<b>{\"c\"}</b>\x01 [d] `e` #f", {}), "a b c /b d e f");
    EXPECT_EQ(scrubber().scrub("\xff\xfe", {}), "");
    EXPECT_EQ(scrubber().scrub("", {}), "");
    EXPECT_LE(scrubber().scrub(std::string(100'000, 'a'), {}).size(), 600U);
}

TEST(Scrubber, KnowsWhatTheRecordHolds) {
    const auto all = identifiers_of(ruth());
    for (const auto* wanted : {"Ruth Ann", "Ruth", "Ann", "Albrecht", "Peter", "1957-03-14", "+15550100200",
                               "+15550100300", "+15550100400", "east@example.org", "MRN-00812"})
        EXPECT_NE(std::ranges::find(all, wanted), all.end()) << wanted;
    EXPECT_EQ(std::ranges::find(all, "Team"), all.end());
    EXPECT_TRUE(identifiers_of(domain::Patient{}).empty());
}

}  // namespace
}  // namespace carevoice::ai
