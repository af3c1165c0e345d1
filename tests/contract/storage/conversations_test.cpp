#include "contract/storage/store.h"

#include <limits>

namespace carevoice::storage::testing {
namespace {

using domain::AlertType;
using domain::Severity;

const CallSessionId c1("c1");

class Conversations : public StoreTest {
protected:
    void SetUp() override {
        StoreTest::SetUp();
        add_call("c1");
        add_call("c2");
    }

    static TurnRecord record_of(std::vector<domain::Turn> turns) {
        return {.call_session_id = c1, .turns = std::move(turns), .now = at(20)};
    }
    Result<TurnStored> store(const TurnRecord& record) { return conversations().record(record, new_alert_id_); }

    std::function<AlertId()> new_alert_id_ = alert_ids();
};
INSTANTIATE_TEST_SUITE_P(Stores, Conversations, ::testing::ValuesIn(all_stores()), name_of_store);

TEST_P(Conversations, NumberTheirTurnsFromOne) {
    domain::Turn reply{.speaker = domain::Speaker::assistant,
                       .topic = "",
                       .text = "And your wound?",
                       .started_at = at(13),
                       .ended_at = at(14),
                       .interrupted = true,
                       .wording = domain::Wording{.source = domain::WordingSource::ours,
                                                  .fallback = domain::Fallback::guard_rails,
                                                  .breach = "dose",
                                                  .model_ms = 310}};
    const auto stored = store(record_of({patient_turn("three"), reply}));
    ASSERT_TRUE(stored) << stored.error().detail;
    EXPECT_EQ(stored->sequences, (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(store(record_of({patient_turn("fine")}))->sequences, (std::vector<std::int64_t>{3}));

    std::vector<domain::Turn> expected = {patient_turn("three"), reply, patient_turn("fine")};
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i].sequence = static_cast<std::int64_t>(i) + 1;
    EXPECT_TRUE(*conversations().turns(c1) == expected);
    EXPECT_TRUE(conversations().turns(CallSessionId("c2"))->empty());
}

TEST_P(Conversations, KeepWordsAsTheyWereSaid) {
    const std::string words = "it's \"weird\" – '; DELETE FROM turns; -- 膝が痛い :now";
    ASSERT_TRUE(store(record_of({patient_turn(words)})));
    EXPECT_EQ(conversations().turns(c1)->front().text, words);
}

TEST_P(Conversations, KeepTheAlertWhenTheRecogniserBrokeAByte) {
    TurnRecord record = record_of({patient_turn("chest \xE2\x82 pain")});
    record.alerts = {raised(AlertType::emergency, Severity::critical, "chest \xE2\x82 pain")};
    record.facts["red_flags"] = std::vector<std::string>{"chest \xFF"};
    ASSERT_TRUE(store(record));
    EXPECT_EQ(conversations().turns(c1)->front().text, "chest \uFFFD\uFFFD pain");
    EXPECT_EQ(alerts().find(AlertId("alert-1"))->evidence.front().text, "chest \uFFFD\uFFFD pain");
    EXPECT_TRUE(conversations().facts(c1)->at("red_flags") ==
                domain::FactValue(std::vector<std::string>{"chest \uFFFD"}));
}

TEST_P(Conversations, ReplaceAStoredTurnByItsNumber) {
    ASSERT_TRUE(store(record_of({patient_turn("one"), patient_turn("two")})));
    domain::Turn cut = patient_turn("o");
    cut.sequence = 1;
    cut.interrupted = true;
    EXPECT_EQ(store(record_of({cut, patient_turn("three")}))->sequences, (std::vector<std::int64_t>{1, 3}));
    const auto turns = conversations().turns(c1);
    ASSERT_EQ(turns->size(), 3U);
    EXPECT_TRUE(turns->front() == cut);
    EXPECT_EQ((*turns)[1].text, "two");
}

TEST_P(Conversations, RefuseANumberThatLeavesAGapAndStoreNothing) {
    for (const std::int64_t number : {std::int64_t{3}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()}) {
        domain::Turn ahead = patient_turn("ahead");
        ahead.sequence = number;
        TurnRecord record = record_of({patient_turn("one"), ahead});
        record.alerts = {raised(AlertType::high_pain, Severity::high, "ahead")};
        record.opt_out = true;
        EXPECT_EQ(code_of(store(record)), Errc::conflict);
    }
    EXPECT_TRUE(conversations().turns(c1)->empty());
    EXPECT_TRUE(alerts().list({}, {})->items.empty());
    EXPECT_FALSE(patients().find(PatientId("p1"))->opted_out);
}

TEST_P(Conversations, OfUnknownCallsAreNotFound) {
    TurnRecord record = record_of({patient_turn("one")});
    record.call_session_id = CallSessionId("nobody");
    EXPECT_EQ(code_of(store(record)), Errc::not_found);
    EXPECT_EQ(code_of(conversations().turns(record.call_session_id)), Errc::not_found);
    EXPECT_EQ(code_of(conversations().facts(record.call_session_id)), Errc::not_found);
}

TEST_P(Conversations, NumberTurnsWithoutGapsWhenManyRecordAtOnce) {
    constexpr int threads = 6;
    constexpr int rounds = 5;
    in_parallel(threads, [&](int) {
        for (int i = 0; i < rounds; ++i) {
            TurnRecord record = record_of({patient_turn("a"), patient_turn("b")});
            record.alerts = {raised(AlertType::high_pain, Severity::high, "a")};
            const auto stored = store(record);
            ASSERT_TRUE(stored) << stored.error().detail;
            EXPECT_EQ(stored->sequences[1], stored->sequences[0] + 1);
        }
    });
    const auto turns = conversations().turns(c1);
    ASSERT_EQ(turns->size(), static_cast<std::size_t>(2 * threads * rounds));
    for (std::size_t i = 0; i < turns->size(); ++i) EXPECT_EQ((*turns)[i].sequence, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(alerts().list({}, {})->items.size(), 1U);
}

TEST_P(Conversations, KeepFactsOfEveryKind) {
    TurnRecord record = record_of({patient_turn("one")});
    record.facts = {{"chills", false},
                    {"pain_score", 3.0},
                    {"temperature_f", 101.3},
                    {"third", 1.0 / 3.0},
                    {"aid", std::string("it's a \"walker\"")},
                    {"red_flags", std::vector<std::string>{}},
                    {"wound_signs", std::vector<std::string>{"redness", "pus"}}};
    ASSERT_TRUE(store(record));
    EXPECT_TRUE(*conversations().facts(c1) == record.facts);
    EXPECT_TRUE(conversations().facts(CallSessionId("c2"))->empty());
}

TEST_P(Conversations, MergeFactsNewestFirstAndListsTogether) {
    TurnRecord first = record_of({patient_turn("one")});
    first.facts = {{"pain_score", 3.0}, {"wound_signs", std::vector<std::string>{"redness"}}, {"chills", true}};
    TurnRecord second = record_of({patient_turn("two")});
    second.facts = {{"pain_score", 7.0}, {"wound_signs", std::vector<std::string>{"pus", "redness"}}};
    ASSERT_TRUE(store(first));
    ASSERT_TRUE(store(second));
    const domain::Facts expected = {
        {"pain_score", 7.0}, {"wound_signs", std::vector<std::string>{"redness", "pus"}}, {"chills", true}};
    EXPECT_TRUE(*conversations().facts(c1) == expected);
}

TEST_P(Conversations, RefuseNumbersThatAreNone) {
    for (const double value : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        TurnRecord record = record_of({patient_turn("one")});
        record.facts["pain_score"] = value;
        const auto stored = store(record);
        EXPECT_EQ(code_of(stored), Errc::invalid_input);
        EXPECT_EQ(stored.error().field, "pain_score");
    }
    EXPECT_TRUE(conversations().turns(c1)->empty());
}

TEST_P(Conversations, RememberWhereTheCallIs) {
    TurnRecord record = record_of({patient_turn("one")});
    record.dialogue_state = R"({"step":1})";
    record.current_topic = "wound";
    record.topics = {{.topic = "pain", .state = domain::TopicState::answered}};
    record.outcome = domain::CallOutcome::partial;
    ASSERT_TRUE(store(record));
    auto call = calls().find(c1);
    EXPECT_EQ(call->dialogue_state, R"({"step":1})");
    EXPECT_EQ(call->current_topic, "wound");
    EXPECT_TRUE(call->topics == record.topics);
    EXPECT_EQ(call->outcome, domain::CallOutcome::partial);

    // What is left empty stays.
    ASSERT_TRUE(store(record_of({patient_turn("two")})));
    call = calls().find(c1);
    EXPECT_EQ(call->dialogue_state, R"({"step":1})");
    EXPECT_EQ(call->current_topic, "wound");
    EXPECT_TRUE(call->topics == record.topics);
    EXPECT_EQ(call->outcome, domain::CallOutcome::partial);

    // With a new state the topics are as given, so that the last one can be left.
    TurnRecord last = record_of({});
    last.dialogue_state = R"({"step":9})";
    ASSERT_TRUE(store(last));
    call = calls().find(c1);
    EXPECT_EQ(call->current_topic, "");
    EXPECT_TRUE(call->topics.empty());
}

TEST_P(Conversations, DoNotUndoAStatusThatArrivesMeanwhile) {
    in_parallel(2, [&](int index) {
        for (int i = 0; i < 10; ++i) {
            if (index == 0) {
                EXPECT_TRUE(store(record_of({patient_turn("one")})));
            } else {
                EXPECT_TRUE(calls().update(c1, [](domain::Call& call) { call.prior_pain_scores.push_back(1); }));
            }
        }
    });
    EXPECT_EQ(calls().find(c1)->prior_pain_scores.size(), 10U);
}

TEST_P(Conversations, WriteWishesToThePatient) {
    ASSERT_TRUE(patients().insert(plain_patient("other")));
    TurnRecord record = record_of({patient_turn("stop calling me")});
    record.opt_out = true;
    record.consents = domain::Consents{.calls = false, .recording = true, .voicemail = true};
    record.caregiver = domain::Caregiver{.name = "Paul \"P\"", .phone = "+14155550142", .authorised = true};
    record.language = "es";
    ASSERT_TRUE(store(record));
    domain::Patient expected = plain_patient("p1");
    expected.opted_out = true;
    expected.caregiver = record.caregiver;
    expected.language = "es";
    expected.consents = {.calls = false, .recording = true, .voicemail = true};
    EXPECT_TRUE(*patients().find(PatientId("p1")) == expected);
    EXPECT_TRUE(*patients().find(PatientId("other")) == plain_patient("other"));

    // A later turn without a word about it changes nothing.
    ASSERT_TRUE(store(record_of({patient_turn("bye")})));
    EXPECT_TRUE(*patients().find(PatientId("p1")) == expected);
}

TEST_P(Conversations, NameNewAlertsAndReturnThem) {
    TurnRecord record = record_of({patient_turn("eight")});
    record.alerts = {raised(AlertType::high_pain, Severity::high, "eight"),
                     raised(AlertType::wound_problem, Severity::low, "a bit red")};
    const auto stored = store(record);
    ASSERT_TRUE(stored);
    ASSERT_EQ(stored->alerts.size(), 2U);
    const domain::Alert& pain = stored->alerts[0];
    EXPECT_EQ(pain.id.str(), "alert-1");
    EXPECT_EQ(pain.call_session_id.str(), "c1");
    EXPECT_EQ(pain.patient_id.str(), "p1");
    EXPECT_EQ(pain.severity, Severity::high);
    EXPECT_EQ(pain.status, domain::AlertStatus::open);
    EXPECT_TRUE(pain.raised_at == at(20));
    EXPECT_TRUE(pain.evidence == std::vector{record.alerts[0].evidence});
    for (const auto& alert : stored->alerts) expect_same(*alerts().find(alert.id), alert);
}

TEST_P(Conversations, MergeAlertsByTypeAndOnlyRaiseTheirSeverity) {
    TurnRecord record = record_of({patient_turn("x")});
    const auto say = [&](Severity severity, const std::string& words, int second) {
        record.alerts = {raised(AlertType::high_pain, severity, words)};
        record.now = at(second);
        const auto stored = store(record);
        EXPECT_TRUE(stored);
        return stored ? stored->alerts : std::vector<domain::Alert>{};
    };
    EXPECT_EQ(say(Severity::moderate, "six", 1).size(), 1U);
    EXPECT_TRUE(say(Severity::low, "five", 2).empty());
    EXPECT_TRUE(say(Severity::moderate, "six again", 3).empty());
    const auto rose = say(Severity::urgent, "nine", 4);
    ASSERT_EQ(rose.size(), 1U);
    EXPECT_EQ(rose.front().id.str(), "alert-1");
    EXPECT_EQ(rose.front().severity, Severity::urgent);
    EXPECT_TRUE(say(Severity::low, "better now", 5).empty());

    const auto alert = alerts().find(AlertId("alert-1"));
    EXPECT_EQ(alert->severity, Severity::urgent);
    EXPECT_TRUE(alert->raised_at == at(1));
    EXPECT_TRUE(alert->updated_at == at(5));
    std::vector<std::string> quotes;
    for (const auto& evidence : alert->evidence) quotes.push_back(evidence.text);
    EXPECT_EQ(quotes, (std::vector<std::string>{"six", "five", "six again", "nine", "better now"}));
    EXPECT_EQ(alerts().list({}, {})->items.size(), 1U);
}

TEST_P(Conversations, MergeAlertsOfOneTurnAndReturnEachOnce) {
    TurnRecord record = record_of({patient_turn("x")});
    record.alerts = {raised(AlertType::emergency, Severity::high, "dizzy"),
                     raised(AlertType::emergency, Severity::critical, "chest pain")};
    const auto stored = store(record);
    ASSERT_EQ(stored->alerts.size(), 1U);
    EXPECT_EQ(stored->alerts.front().severity, Severity::critical);
    EXPECT_EQ(stored->alerts.front().evidence.size(), 2U);
    expect_same(*alerts().find(AlertId("alert-1")), stored->alerts.front());
}

TEST_P(Conversations, KeepAlertsOfDifferentCallsApart) {
    TurnRecord record = record_of({});
    record.alerts = {raised(AlertType::high_pain, Severity::high, "eight")};
    ASSERT_TRUE(store(record));
    record.call_session_id = CallSessionId("c2");
    EXPECT_EQ(store(record)->alerts.size(), 1U);
    EXPECT_EQ(alerts().list({}, {})->items.size(), 2U);
}

TEST_P(Conversations, StoreNothingOfATurnWhenItsAlertCannotBeStored) {
    TurnRecord record = record_of({patient_turn("one")});
    record.alerts = {raised(AlertType::high_pain, Severity::high, "eight")};
    const auto same_id = [] { return AlertId("taken"); };
    ASSERT_TRUE(conversations().record(record, same_id));
    record.call_session_id = CallSessionId("c2");
    record.facts["pain_score"] = 8.0;
    EXPECT_EQ(code_of(conversations().record(record, same_id)), Errc::conflict);
    EXPECT_TRUE(conversations().turns(CallSessionId("c2"))->empty());
    EXPECT_TRUE(conversations().facts(CallSessionId("c2"))->empty());
}

class LastingConversations : public LastingStoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, LastingConversations, ::testing::ValuesIn(lasting_stores()), name_of_store);

TEST_P(LastingConversations, KeepTheHistoryOfAFact) {
    add_call("c1");
    TurnRecord record{.call_session_id = c1, .turns = {patient_turn("x")}};
    for (const double score : {3.0, 7.0}) {
        record.facts["pain_score"] = score;
        record.now = at(static_cast<int>(score));
        ASSERT_TRUE(conversations().record(record, alert_ids()));
    }
    // Taking the newest away leaves the older one, with its turn and time.
    place_->tamper("DELETE FROM facts");
    place_->tamper(
        "INSERT INTO facts SELECT call_session_id, name, fact_value, turn_sequence, learned_at FROM fact_history "
        "WHERE turn_sequence = 1 AND learned_at = " +
        std::to_string(at(3).time_since_epoch().count()));
    EXPECT_TRUE(conversations().facts(c1)->at("pain_score") == domain::FactValue(3.0));
}

TEST_P(Conversations, RecordedAgainUnderTheirKeyAreStoredOnce) {
    const CallSessionId id("c1");
    TurnRecord record{.call_session_id = id, .turns = {patient_turn("it hurts"), patient_turn("a lot")}, .now = at(1)};
    record.facts["pain_score"] = 8.0;
    record.alerts = {raised(domain::AlertType::high_pain, domain::Severity::high, "it hurts")};
    record.key = "k1";
    const auto new_id = alert_ids();
    const auto first = conversations().record(record, new_id);
    ASSERT_TRUE(first);
    TurnRecord later{.call_session_id = id, .turns = {patient_turn("very much")}, .now = at(2), .key = "k2"};
    ASSERT_TRUE(conversations().record(later, new_id));

    const auto again = conversations().record(record, new_id);

    ASSERT_TRUE(again);
    EXPECT_EQ(again->sequences, (std::vector<std::int64_t>{1, 2}));
    ASSERT_EQ(again->alerts.size(), 1U);
    expect_same(again->alerts.front(), first->alerts.front());
    EXPECT_EQ(conversations().turns(id)->size(), 3U);
    EXPECT_EQ(alerts().find(AlertId("alert-1"))->evidence.size(), 1U);
    // A key belongs to its call.
    later.call_session_id = CallSessionId("c2");
    ASSERT_TRUE(conversations().record(later, new_id));
    EXPECT_EQ(conversations().turns(CallSessionId("c2"))->size(), 1U);
}

}  // namespace
}  // namespace carevoice::storage::testing
