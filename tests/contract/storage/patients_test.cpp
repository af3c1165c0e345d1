#include "contract/storage/store.h"

namespace carevoice::storage::testing {
namespace {

class Patients : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, Patients, ::testing::ValuesIn(all_stores()), name_of_store);

TEST_P(Patients, ComeBackAsTheyWereStored) {
    for (const auto& patient : {plain_patient("plain"), full_patient("full")}) {
        ASSERT_TRUE(patients().insert(patient));
        const auto found = patients().find(patient.patient_id);
        ASSERT_TRUE(found);
        EXPECT_TRUE(*found == patient);
    }
}

TEST_P(Patients, KeepQuotesSqlAndOtherScripts) {
    const std::vector<std::string> texts = {"O'Brien \"Bob\"",  "'); DROP TABLE patients; --", ":patient_id ? $1 %s",
                                            "Łukasz 李小龍 🙂", "line\nbreak\ttab\\",          "NULL"};
    for (const std::string& text : texts) {
        domain::Patient patient = full_patient(text);
        patient.first_name = text;
        patient.procedure = text;
        patient.medications = {text};
        patient.caregiver->name = text;
        ASSERT_TRUE(patients().insert(patient)) << text;
        const auto found = patients().find(PatientId(text));
        ASSERT_TRUE(found) << text;
        EXPECT_TRUE(*found == patient) << text;
    }
    EXPECT_EQ(patients().list({})->items.size(), texts.size());
}

TEST_P(Patients, LoseOnlyTheBytesThatAreNotText) {
    domain::Patient patient = plain_patient("p1");
    patient.first_name = std::string("A\xFF") + "\xC3\xA9" + '\0' + "z\xE2\x82";
    ASSERT_TRUE(patients().insert(patient));
    EXPECT_EQ(patients().find(PatientId("p1"))->first_name, "A\uFFFDé\uFFFDz\uFFFD\uFFFD");
}

TEST_P(Patients, AreInsertedOnce) {
    ASSERT_TRUE(patients().insert(plain_patient("p1")));
    domain::Patient other = full_patient("p1");
    EXPECT_EQ(code_of(patients().insert(other)), Errc::conflict);
    EXPECT_TRUE(*patients().find(PatientId("p1")) == plain_patient("p1"));
}

TEST_P(Patients, AreChangedByUpdate) {
    ASSERT_TRUE(patients().insert(full_patient("p1")));
    ASSERT_TRUE(patients().insert(full_patient("p2")));
    const auto written = patients().update(PatientId("p1"), [](domain::Patient& patient) {
        EXPECT_TRUE(patient == full_patient("p1"));
        patient = plain_patient("another id");
    });
    ASSERT_TRUE(written);
    EXPECT_TRUE(*written == plain_patient("p1"));
    EXPECT_TRUE(*patients().find(PatientId("p1")) == plain_patient("p1"));
    EXPECT_TRUE(*patients().find(PatientId("p2")) == full_patient("p2"));
}

TEST_P(Patients, LoseNoChangeToAnotherInTheSameMoment) {
    add_call("c1");
    in_parallel(4, [&](int index) {
        if (index == 0) {
            TurnRecord record{.call_session_id = CallSessionId("c1"), .opt_out = true, .now = at(1)};
            EXPECT_TRUE(conversations().record(record, alert_ids()));
        }
        for (int i = 0; i < 5; ++i) {
            EXPECT_TRUE(patients().update(PatientId("p1"),
                                          [](domain::Patient& patient) { patient.medications.emplace_back("x"); }));
        }
    });
    const auto found = patients().find(PatientId("p1"));
    EXPECT_TRUE(found->opted_out);
    EXPECT_EQ(found->medications.size(), 20U);
}

TEST_P(Patients, WhoAreUnknownAreNotFound) {
    EXPECT_EQ(code_of(patients().find(PatientId("nobody"))), Errc::not_found);
    EXPECT_EQ(code_of(patients().update(PatientId("nobody"), [](domain::Patient&) {})), Errc::not_found);
    EXPECT_EQ(code_of(patients().erase(PatientId("nobody"))), Errc::not_found);
    EXPECT_EQ(code_of(patients().find(PatientId(""))), Errc::not_found);
}

TEST_P(Patients, TakeTheirCallsWithThemWhenErased) {
    add_call("gone");
    ASSERT_TRUE(patients().insert(plain_patient("p2")));
    ASSERT_TRUE(calls().insert(plain_call("stays", "p2")));
    const CallSessionId gone("gone");
    ASSERT_TRUE(calls().add_event(
        {.call_session_id = gone, .key = "k", .kind = "note", .detail_json = "{}", .received_at = at(1)}));
    TurnRecord record{.call_session_id = gone, .turns = {patient_turn("it hurts")}, .now = at(20)};
    record.facts["pain_score"] = 8.0;
    record.alerts = {raised(domain::AlertType::high_pain, domain::Severity::high, "it hurts")};
    ASSERT_TRUE(conversations().record(record, alert_ids()));

    ASSERT_TRUE(patients().erase(PatientId("p1")));

    EXPECT_EQ(code_of(patients().find(PatientId("p1"))), Errc::not_found);
    EXPECT_EQ(code_of(calls().find(gone)), Errc::not_found);
    EXPECT_EQ(code_of(calls().events(gone)), Errc::not_found);
    EXPECT_EQ(code_of(conversations().turns(gone)), Errc::not_found);
    EXPECT_EQ(code_of(conversations().facts(gone)), Errc::not_found);
    EXPECT_EQ(code_of(alerts().find(AlertId("alert-1"))), Errc::not_found);
    EXPECT_TRUE(alerts().list({}, {})->items.empty());
    EXPECT_TRUE(calls().find(CallSessionId("stays")));

    // Nothing of the old calls hangs on new ones with the same names.
    add_call("gone");
    EXPECT_TRUE(conversations().turns(gone)->empty());
    EXPECT_TRUE(conversations().facts(gone)->empty());
    EXPECT_TRUE(calls().events(gone)->empty());
}

TEST_P(Patients, AreListedByIdPageByPage) {
    for (const char* id : {"d", "a", "c", "e", "b"}) ASSERT_TRUE(patients().insert(plain_patient(id)));
    std::vector<std::string> seen;
    PageRequest page{.limit = 2, .cursor = {}};
    int pages = 0;
    do {
        const auto found = patients().list(page);
        ASSERT_TRUE(found);
        EXPECT_LE(found->items.size(), 2U);
        for (const auto& patient : found->items) seen.push_back(patient.patient_id.str());
        page.cursor = found->cursor;
        ++pages;
    } while (!page.cursor.empty());
    EXPECT_EQ(seen, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
    EXPECT_EQ(pages, 3);
}

TEST_P(Patients, EndTheirListWithoutACursorWhenThePageIsJustFull) {
    for (const char* id : {"a", "b"}) ASSERT_TRUE(patients().insert(plain_patient(id)));
    const auto found = patients().list({.limit = 2, .cursor = {}});
    EXPECT_EQ(found->items.size(), 2U);
    EXPECT_EQ(found->cursor, "");
}

TEST_P(Patients, RefuseLimitsAndCursorsThatAreNotOurs) {
    for (const int limit : {0, -1, 201}) {
        const auto found = patients().list({.limit = limit, .cursor = {}});
        EXPECT_EQ(code_of(found), Errc::invalid_input);
        EXPECT_EQ(found.error().field, "limit");
    }
    for (const char* cursor : {"x", "not a cursor", "aQ==", "dDE6YQ", "' OR 1=1", "\xFF\xFE", "zzzz"}) {
        const auto found = patients().list({.limit = 2, .cursor = cursor});
        EXPECT_EQ(code_of(found), Errc::invalid_input) << cursor;
        EXPECT_EQ(found.error().field, "cursor");
    }
    EXPECT_EQ(code_of(patients().list({.limit = 2, .cursor = std::string(100'000, 'a')})), Errc::invalid_input);
}

}  // namespace
}  // namespace carevoice::storage::testing
