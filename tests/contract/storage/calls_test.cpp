#include "contract/storage/store.h"

#include <array>
#include <atomic>
#include <stdexcept>

namespace carevoice::storage::testing {
namespace {

using domain::CallStatus;

class Calls : public StoreTest {
protected:
    void SetUp() override {
        StoreTest::SetUp();
        ASSERT_TRUE(patients().insert(plain_patient("p1")));
        ASSERT_TRUE(patients().insert(plain_patient("p2")));
    }

    void insert_at(const std::string& id, int seconds, CallStatus status = CallStatus::scheduled,
                   const std::string& patient = "p1") {
        domain::Call call = plain_call(id, patient);
        call.created_at = at(seconds);
        call.status = status;
        ASSERT_TRUE(calls().insert(call));
    }

    std::vector<std::string> listed(const CallFilter& filter, int limit = 200) {
        std::vector<std::string> ids;
        PageRequest page{.limit = limit, .cursor = {}};
        do {
            const auto found = calls().list(filter, page);
            if (!found) {
                ADD_FAILURE() << found.error().detail;
                return ids;
            }
            for (const auto& call : found->items) ids.push_back(call.call_session_id.str());
            page.cursor = found->cursor;
        } while (!page.cursor.empty());
        return ids;
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, Calls, ::testing::ValuesIn(all_stores()), name_of_store);

using Ids = std::vector<std::string>;

TEST_P(Calls, ComeBackAsTheyWereStored) {
    for (const auto& call : {plain_call("plain", "p1"), full_call("full", "p1")}) {
        ASSERT_TRUE(calls().insert(call));
        const auto found = calls().find(call.call_session_id);
        ASSERT_TRUE(found);
        expect_same(*found, call);
    }
}

TEST_P(Calls, KeepEveryStatusOutcomeAndVerdict) {
    int number = 0;
    const auto round_trip = [&](const std::function<void(domain::Call&)>& change) {
        domain::Call call = plain_call("c" + std::to_string(++number), "p1");
        change(call);
        ASSERT_TRUE(calls().insert(call));
        expect_same(*calls().find(call.call_session_id), call);
    };
    for (int i = 0; i <= static_cast<int>(CallStatus::canceled); ++i) {
        round_trip([i](domain::Call& call) { call.status = static_cast<CallStatus>(i); });
    }
    for (int i = 0; i <= static_cast<int>(domain::CallOutcome::failed); ++i) {
        round_trip([i](domain::Call& call) { call.outcome = static_cast<domain::CallOutcome>(i); });
    }
    for (int i = 0; i <= static_cast<int>(domain::AnsweredBy::unknown); ++i) {
        round_trip([i](domain::Call& call) { call.answered_by = static_cast<domain::AnsweredBy>(i); });
    }
}

TEST_P(Calls, AreFoundBySid) {
    ASSERT_TRUE(calls().insert(full_call("c1", "p1")));
    ASSERT_TRUE(calls().insert(plain_call("c2", "p1")));
    EXPECT_EQ(calls().find_by_sid(CallSid("CAc1"))->call_session_id.str(), "c1");
    EXPECT_EQ(code_of(calls().find_by_sid(CallSid("CAc2"))), Errc::not_found);
    EXPECT_EQ(code_of(calls().find_by_sid(CallSid(""))), Errc::not_found);
}

TEST_P(Calls, AreInsertedOnceByIdAndBySid) {
    ASSERT_TRUE(calls().insert(full_call("c1", "p1")));
    EXPECT_EQ(code_of(calls().insert(plain_call("c1", "p1"))), Errc::conflict);
    domain::Call same_sid = full_call("c2", "p1");
    same_sid.call_sid = CallSid("CAc1");
    EXPECT_EQ(code_of(calls().insert(same_sid)), Errc::conflict);
    expect_same(*calls().find(CallSessionId("c1")), full_call("c1", "p1"));
    EXPECT_EQ(code_of(calls().find(CallSessionId("c2"))), Errc::not_found);
}

TEST_P(Calls, NeedAPatient) {
    const auto done = calls().insert(plain_call("c1", "nobody"));
    EXPECT_EQ(code_of(done), Errc::not_found);
    EXPECT_EQ(done.error().field, "patient_id");
}

TEST_P(Calls, ManyWithoutASidStandSideBySide) {
    ASSERT_TRUE(calls().insert(plain_call("c1", "p1")));
    ASSERT_TRUE(calls().insert(plain_call("c2", "p1")));
}

TEST_P(Calls, AreUpdatedAndReturnedAsWritten) {
    ASSERT_TRUE(calls().insert(plain_call("c1", "p1")));
    const auto written = calls().update(CallSessionId("c1"), [](domain::Call& call) {
        call = full_call("c1", "p1");
        call.call_sid = CallSid("CAnew");
    });
    ASSERT_TRUE(written);
    EXPECT_EQ(written->call_sid.str(), "CAnew");
    expect_same(*calls().find(CallSessionId("c1")), *written);
}

TEST_P(Calls, KeepTheirIdPatientAndBirthOnUpdate) {
    ASSERT_TRUE(calls().insert(plain_call("c1", "p1")));
    const auto written = calls().update(CallSessionId("c1"), [](domain::Call& call) {
        call.call_session_id = CallSessionId("c9");
        call.patient_id = PatientId("p2");
        call.created_at = at(999);
        call.summary = "changed";
    });
    ASSERT_TRUE(written);
    domain::Call expected = plain_call("c1", "p1");
    expected.summary = "changed";
    expect_same(*written, expected);
    expect_same(*calls().find(CallSessionId("c1")), expected);
}

TEST_P(Calls, UpdateThatFailsLeavesThemAsTheyWere) {
    ASSERT_TRUE(calls().insert(full_call("c1", "p1")));
    ASSERT_TRUE(calls().insert(plain_call("c2", "p1")));
    EXPECT_EQ(code_of(calls().update(CallSessionId("nobody"), [](domain::Call&) { FAIL(); })), Errc::not_found);
    EXPECT_EQ(code_of(calls().update(CallSessionId("c2"),
                                     [](domain::Call& call) {
                                         call.summary = "lost";
                                         call.call_sid = CallSid("CAc1");
                                     })),
              Errc::conflict);
    EXPECT_EQ(code_of(calls().update(CallSessionId("c2"),
                                     [](domain::Call& call) {
                                         call.summary = "lost";
                                         throw std::runtime_error("a bug");
                                     })),
              Errc::internal);
    expect_same(*calls().find(CallSessionId("c2")), plain_call("c2", "p1"));
    // And the database goes on.
    EXPECT_TRUE(calls().update(CallSessionId("c2"), [](domain::Call& call) { call.summary = "kept"; }));
}

TEST_P(Calls, LoseNoUpdateWhenManyComeAtOnce) {
    ASSERT_TRUE(calls().insert(plain_call("c1", "p1")));
    constexpr int threads = 8;
    constexpr int rounds = 10;
    in_parallel(threads, [&](int) {
        for (int i = 0; i < rounds; ++i) {
            const auto done =
                calls().update(CallSessionId("c1"), [](domain::Call& call) { call.prior_pain_scores.push_back(1); });
            EXPECT_TRUE(done) << done.error().detail;
        }
    });
    EXPECT_EQ(calls().find(CallSessionId("c1"))->prior_pain_scores.size(), threads * rounds);
}

TEST_P(Calls, StatusOnlyMovesForwardWhenCallbacksRace) {
    constexpr std::array order = {CallStatus::queued, CallStatus::initiated, CallStatus::ringing,
                                  CallStatus::in_progress, CallStatus::completed};
    for (int round = 0; round < 5; ++round) {
        const CallSessionId id("race-" + std::to_string(round));
        ASSERT_TRUE(calls().insert(plain_call(id.str(), "p1")));
        in_parallel(static_cast<int>(order.size()), [&](int index) {
            const CallStatus reported = order.at(static_cast<std::size_t>(index));
            EXPECT_TRUE(calls().update(
                id, [reported](domain::Call& call) { call.status = domain::advance(call.status, reported); }));
        });
        EXPECT_EQ(calls().find(id)->status, CallStatus::completed);
    }
}

TEST_P(Calls, AreListedNewestFirst) {
    insert_at("old", 1);
    insert_at("new", 3);
    insert_at("middle", 2);
    EXPECT_EQ(listed({}), (Ids{"new", "middle", "old"}));
}

TEST_P(Calls, OfTheSameMomentAreEachListedOnce) {
    Ids expected;
    for (char c = 'a'; c <= 'g'; ++c) {
        insert_at(std::string(1, c), 5);
        expected.insert(expected.begin(), std::string(1, c));
    }
    for (const int limit : {1, 2, 3, 7, 8}) EXPECT_EQ(listed({}, limit), expected) << limit;
}

TEST_P(Calls, BornBetweenTwoPagesDoNotDisturbTheList) {
    for (int i = 0; i < 4; ++i) insert_at("c" + std::to_string(i), i);
    const auto first = calls().list({}, {.limit = 2, .cursor = {}});
    insert_at("later", 10);
    const auto second = calls().list({}, {.limit = 2, .cursor = first->cursor});
    ASSERT_EQ(second->items.size(), 2U);
    EXPECT_EQ(second->items.front().call_session_id.str(), "c1");
}

TEST_P(Calls, AreFilteredByPatientStatusAndTime) {
    insert_at("a", 1, CallStatus::completed);
    insert_at("b", 2, CallStatus::busy);
    insert_at("c", 3, CallStatus::completed, "p2");
    insert_at("d", 4, CallStatus::completed);
    EXPECT_EQ(listed({.patient_id = PatientId("p1")}, 1), (Ids{"d", "b", "a"}));
    EXPECT_EQ(listed({.status = CallStatus::completed}, 1), (Ids{"d", "c", "a"}));
    EXPECT_EQ(listed({.created_from = at(2)}), (Ids{"d", "c", "b"}));
    EXPECT_EQ(listed({.created_to = at(2)}), (Ids{"a"}));
    EXPECT_EQ(listed({.created_from = at(2), .created_to = at(4)}), (Ids{"c", "b"}));
    EXPECT_EQ(listed({.patient_id = PatientId("p1"),
                      .status = CallStatus::completed,
                      .created_from = at(2),
                      .created_to = at(9)}),
              (Ids{"d"}));
    EXPECT_EQ(listed({.patient_id = PatientId("' OR '1'='1")}), (Ids{}));
}

TEST_P(Calls, RefuseLimitsAndCursorsThatAreNotOurs) {
    insert_at("a", 1);
    insert_at("b", 2);
    for (const int limit : {0, 201}) {
        EXPECT_EQ(code_of(calls().list({}, {.limit = limit, .cursor = {}})), Errc::invalid_input);
    }
    // "aWE" is a cursor of a list by id; "dDE" and "dHg6YQ" have no id and no number.
    for (const char* cursor : {"x", "%%%%", "aWE", "dDE", "dHg6YQ", "dDk5OTk5OTk5OTk5OTk5OTk5OTk5OTk6YQ"}) {
        const auto found = calls().list({}, {.limit = 1, .cursor = cursor});
        EXPECT_EQ(code_of(found), Errc::invalid_input) << cursor;
        EXPECT_EQ(found.error().field, "cursor");
    }
}

TEST_P(Calls, WithoutAFinalStatusAreUnfinished) {
    for (int i = 0; i <= static_cast<int>(CallStatus::canceled); ++i) {
        insert_at("c" + std::to_string(i), i, static_cast<CallStatus>(i));
    }
    const auto found = calls().list_unfinished();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size(), 6U);
    for (const auto& call : *found) EXPECT_FALSE(domain::is_final(call.status));
}

class CallEvents : public Calls {
protected:
    void SetUp() override {
        Calls::SetUp();
        insert_at("c1", 1);
        insert_at("c2", 1);
    }
    static CallEvent event(const std::string& call, const std::string& key) {
        return {.call_session_id = CallSessionId(call),
                .key = key,
                .kind = "status",
                .detail_json = R"({"CallStatus":"ringing","note":"it's"})",
                .received_at = at(7) + milliseconds(1)};
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, CallEvents, ::testing::ValuesIn(all_stores()), name_of_store);

TEST_P(CallEvents, ComeBackInTheOrderOfArrival) {
    for (const char* key : {"status:3", "amd", "status:1"}) EXPECT_TRUE(*calls().add_event(event("c1", key)));
    const auto found = calls().events(CallSessionId("c1"));
    ASSERT_EQ(found->size(), 3U);
    EXPECT_EQ((*found)[0].key, "status:3");
    EXPECT_EQ((*found)[1].key, "amd");
    EXPECT_EQ((*found)[2].key, "status:1");
    EXPECT_EQ((*found)[0].call_session_id.str(), "c1");
    EXPECT_EQ((*found)[0].kind, "status");
    EXPECT_EQ((*found)[0].detail_json, event("c1", "").detail_json);
    EXPECT_TRUE((*found)[0].received_at == at(7) + milliseconds(1));
}

TEST_P(CallEvents, RepeatedAreHarmless) {
    EXPECT_TRUE(*calls().add_event(event("c1", "status:1")));
    CallEvent again = event("c1", "status:1");
    again.detail_json = "{}";
    EXPECT_FALSE(*calls().add_event(again));
    EXPECT_TRUE(*calls().add_event(event("c2", "status:1")));
    const auto found = calls().events(CallSessionId("c1"));
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(found->front().detail_json, event("c1", "").detail_json);
}

TEST_P(CallEvents, OfAnUnknownCallAreNotFound) {
    EXPECT_EQ(code_of(calls().add_event(event("nobody", "status:1"))), Errc::not_found);
    EXPECT_EQ(code_of(calls().events(CallSessionId("nobody"))), Errc::not_found);
}

TEST_P(CallEvents, AreStoredOnceWhenTheyComeManyTimesAtOnce) {
    std::atomic<int> news = 0;
    in_parallel(8, [&](int) {
        for (int i = 0; i < 5; ++i) {
            const auto known = calls().add_event(event("c1", "status:" + std::to_string(i)));
            EXPECT_TRUE(known) << known.error().detail;
            if (known && *known) ++news;
        }
    });
    EXPECT_EQ(news.load(), 5);
    EXPECT_EQ(calls().events(CallSessionId("c1"))->size(), 5U);
}

}  // namespace
}  // namespace carevoice::storage::testing
