// Opening, migrating, asking and losing a database. What only a file can do has its tests here, too.
#include "contract/storage/store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace carevoice::storage::testing {
namespace {

namespace fs = std::filesystem;

class Databases : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, Databases, ::testing::ValuesIn(all_stores()), name_of_store);

TEST_P(Databases, AnswerAPing) {
    EXPECT_TRUE(database_->ping());
}

TEST_P(Databases, ServeManyMoreThreadsThanTheyHaveConnections) {
    in_parallel(16, [&](int index) {
        const std::string id = "p" + std::to_string(index);
        EXPECT_TRUE(patients().insert(plain_patient(id)));
        EXPECT_TRUE(patients().find(PatientId(id)));
        EXPECT_TRUE(patients().list({}));
        EXPECT_TRUE(database_->ping());
    });
    EXPECT_EQ(patients().list({})->items.size(), 16U);
}

class LastingDatabases : public LastingStoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, LastingDatabases, ::testing::ValuesIn(lasting_stores()), name_of_store);

TEST_P(LastingDatabases, RememberAfterTheyAreClosed) {
    ASSERT_TRUE(patients().insert(full_patient("p1")));
    open();
    EXPECT_TRUE(*patients().find(PatientId("p1")) == full_patient("p1"));
}

TEST_P(LastingDatabases, ShowOneOpenerWhatAnotherWrote) {
    auto other = open_database(place_->url(), 1);
    ASSERT_TRUE(other);
    ASSERT_TRUE(patients().insert(plain_patient("p1")));
    EXPECT_TRUE((*other)->patients().find(PatientId("p1")));
}

TEST_P(LastingDatabases, LoseNoUpdateBetweenTwoOpeners) {
    add_call("c1");
    in_parallel(2, [&](int) {
        const auto mine = open_database(place_->url(), 1);
        ASSERT_TRUE(mine);
        for (int i = 0; i < 10; ++i) {
            EXPECT_TRUE((*mine)->calls().update(CallSessionId("c1"),
                                                [](domain::Call& call) { call.prior_pain_scores.push_back(1); }));
        }
    });
    EXPECT_EQ(calls().find(CallSessionId("c1"))->prior_pain_scores.size(), 20U);
}

TEST_P(LastingDatabases, AreMigratedOnceByManyOpenersAtOnce) {
    const auto fresh = GetParam().make();
    in_parallel(4, [&](int index) {
        const auto mine = open_database(fresh->url(), 2);
        ASSERT_TRUE(mine) << mine.error().detail;
        EXPECT_TRUE((*mine)->patients().insert(plain_patient("p" + std::to_string(index))));
    });
    const auto state = migration_state(fresh->url());
    ASSERT_TRUE(state);
    EXPECT_EQ(state->applied.front(), "0001_initial");
    EXPECT_TRUE(state->pending.empty());
}

TEST_P(LastingDatabases, TellWhichMigrationsArePendingWithoutApplyingThem) {
    const auto fresh = GetParam().make();
    for (int i = 0; i < 2; ++i) {
        const auto state = migration_state(fresh->url());
        ASSERT_TRUE(state);
        EXPECT_TRUE(state->applied.empty());
        ASSERT_FALSE(state->pending.empty());
        EXPECT_EQ(state->pending.front(), "0001_initial");
    }
}

TEST_P(LastingDatabases, RefuseAMigrationThatWasChangedAfterItWasApplied) {
    database_.reset();
    place_->tamper("UPDATE schema_migrations SET checksum = 'other' WHERE version = 1");
    const auto opened = open_database(place_->url(), 1);
    EXPECT_EQ(code_of(opened), Errc::corrupt);
    EXPECT_NE(opened.error().detail.find("0001_initial"), std::string::npos);
    EXPECT_EQ(code_of(migration_state(place_->url())), Errc::corrupt);
}

TEST_P(LastingDatabases, RefuseASchemaNewerThanTheProgram) {
    database_.reset();
    place_->tamper("INSERT INTO schema_migrations VALUES (9999, '9999_future', 'x', 0)");
    EXPECT_EQ(code_of(open_database(place_->url(), 1)), Errc::corrupt);
    EXPECT_EQ(code_of(migration_state(place_->url())), Errc::corrupt);
}

TEST_P(LastingDatabases, CallRowsThatBreakTheirRulesCorruptAndRepeatNoneOfTheirValues) {
    add_call("c1");
    const CallSessionId id("c1");
    TurnRecord record{.call_session_id = id, .turns = {patient_turn("x")}, .now = at(1)};
    record.facts["aid"] = std::string("cane");
    record.alerts = {raised(domain::AlertType::high_pain, domain::Severity::high, "x")};
    ASSERT_TRUE(conversations().record(record, alert_ids()));

    const auto breaks = [&](const std::string& set, const auto& ask) {
        place_->tamper("UPDATE " + set);
        const auto answer = ask();
        EXPECT_EQ(code_of(answer), Errc::corrupt) << set;
        EXPECT_EQ(answer.error().detail.find("Secret"), std::string::npos) << answer.error().detail;
    };
    breaks("turns SET speaker = 'Secret'", [&] { return conversations().turns(id); });
    breaks("facts SET fact_value = '{\"Secret\":1}'", [&] { return conversations().facts(id); });
    breaks("alerts SET severity = 7", [&] { return alerts().find(AlertId("alert-1")); });
    breaks("alerts SET severity = 1, status = 'Secret'", [&] { return alerts().list({}, {}); });
    breaks("calls SET topics = '[\"Secret\"]'", [&] { return calls().find(id); });
    breaks("calls SET topics = '[]', status = 'Secret'", [&] { return calls().list({}, {}); });
    breaks("calls SET status = 'queued', prior_pain_scores = '[1.5]'", [&] { return calls().list_unfinished(); });
    breaks("calls SET prior_pain_scores = '[1', answered_by = 'Secret'",
           [&] { return calls().update(id, [](domain::Call&) {}); });
    breaks("patients SET date_of_birth = '1957-02-30'", [&] { return patients().find(PatientId("p1")); });
    breaks("patients SET date_of_birth = '1957-02-03', caregiver = 'Secret'", [&] { return patients().list({}); });
}

TEST(DatabaseUrls, OfOtherKindsAreRefusedWithoutRepeatingThem) {
    for (const char* url :
         {"", "postgresql://carevoice:Secret@db/carevoice?Secret=1", "postgresql://x:Secret@[db", "POSTGRES://Secret",
          "mysql://Secret", "/var/Secret.db", "sqlite", "sqlite:", "SQLITE:Secret", "sqlite:a\"b Secret"}) {
        const auto opened = open_database(url, 1);
        EXPECT_EQ(code_of(opened), Errc::invalid_input) << url;
        EXPECT_EQ(opened.error().field, "url");
        EXPECT_EQ(opened.error().detail.find("Secret"), std::string::npos);
        EXPECT_EQ(code_of(migration_state(url)), Errc::invalid_input) << url;
    }
    EXPECT_EQ(code_of(open_database("sqlite::memory:", 0)), Errc::invalid_input);
    EXPECT_EQ(code_of(open_database("sqlite::memory:", 1'000'000)), Errc::invalid_input);
}

class DatabaseFiles : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = ::testing::TempDir() + "carevoice-files-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        file_ = folder_ / "db";
        url_ = "sqlite:" + file_.string();
    }
    void TearDown() override { fs::remove_all(folder_); }

    static unsigned mode_of(const fs::path& path) {
        struct stat state {};
        EXPECT_EQ(::stat(path.c_str(), &state), 0) << path;
        return state.st_mode & 0777U;
    }

    fs::path folder_;
    fs::path file_;
    std::string url_;
};

TEST_F(DatabaseFiles, BelongToTheirOwnerOnly) {
    const auto opened = open_database(url_, 2);
    ASSERT_TRUE(opened);
    ASSERT_TRUE((*opened)->patients().insert(plain_patient("p1")));
    for (const auto& entry : fs::directory_iterator(folder_)) EXPECT_EQ(mode_of(entry.path()), 0600U) << entry.path();
}

TEST_F(DatabaseFiles, OpenToOthersAreClosedToThem) {
    ASSERT_TRUE(open_database(url_, 1));
    ASSERT_EQ(::chmod(file_.c_str(), 0666), 0);
    ASSERT_TRUE(open_database(url_, 1));
    EXPECT_EQ(mode_of(file_), 0600U);
}

TEST_F(DatabaseFiles, ThatAreNoDatabaseAreCorruptAndLeftAlone) {
    std::ofstream(file_) << std::string(4096, 'x');
    EXPECT_EQ(code_of(open_database(url_, 1)), Errc::corrupt);
    EXPECT_EQ(code_of(migration_state(url_)), Errc::corrupt);
    EXPECT_EQ(fs::file_size(file_), 4096U);
}

TEST_F(DatabaseFiles, InMissingOrWrongPlacesAreUnavailable) {
    EXPECT_EQ(code_of(open_database("sqlite:" + (folder_ / "no" / "db").string(), 1)), Errc::unavailable);
    EXPECT_EQ(code_of(open_database("sqlite:" + folder_.string(), 1)), Errc::unavailable);
    EXPECT_EQ(code_of(open_database("sqlite:/dev/null", 1)), Errc::unavailable);
}

TEST_F(DatabaseFiles, DeletedUnderTheServiceAreUnavailableNotLost) {
    const auto opened = open_database(url_, 2);
    ASSERT_TRUE(opened);
    ASSERT_TRUE((*opened)->patients().insert(plain_patient("p1")));
    fs::remove_all(folder_);
    EXPECT_EQ(code_of((*opened)->patients().insert(plain_patient("p2"))), Errc::unavailable);
    EXPECT_EQ(code_of((*opened)->ping()), Errc::unavailable);
    EXPECT_EQ(code_of(open_database(url_, 1)), Errc::unavailable);
}

TEST_F(DatabaseFiles, ReplacedUnderTheServiceAreUnavailable) {
    const auto opened = open_database(url_, 2);
    ASSERT_TRUE(opened);
    fs::rename(file_, folder_ / "moved");
    ASSERT_TRUE(open_database(url_, 1));
    EXPECT_EQ(code_of((*opened)->patients().insert(plain_patient("p2"))), Errc::unavailable);
    EXPECT_EQ(code_of((*opened)->ping()), Errc::unavailable);
}

TEST_F(DatabaseFiles, ThatCannotBeWrittenAreUnavailable) {
    ASSERT_TRUE(open_database(url_, 1));
    ASSERT_EQ(::chmod(file_.c_str(), 0444), 0);
    ASSERT_EQ(::chmod(folder_.c_str(), 0755), 0);
    // Nothing is closed to root, so a child becomes nobody to see it.
    EXPECT_EXIT(
        {
            const bool became_nobody = ::geteuid() != 0 || ::seteuid(65534) == 0;
            const auto opened = open_database(url_, 1);
            const bool refused = !opened && opened.error().code == Errc::unavailable;
            ::_exit(became_nobody && refused ? 0 : 1);
        },
        ::testing::ExitedWithCode(0), "");
}

TEST_F(DatabaseFiles, LockedByAnotherProgramForTooLongAreUnavailable) {
    const auto opened = open_database(url_, 1);
    ASSERT_TRUE(opened);
    const auto other = open_database(url_, {.connections = 1, .patience = milliseconds(200)});
    ASSERT_TRUE(other);
    ASSERT_TRUE((*opened)->patients().insert(plain_patient("p1")));
    ASSERT_TRUE((*opened)->calls().insert(plain_call("c1", "p1")));
    Errc met = Errc::internal;
    ASSERT_TRUE((*opened)->calls().update(CallSessionId("c1"), [&](domain::Call& call) {
        met = code_of((*other)->patients().insert(plain_patient("p2")));
        call.summary = "kept";
    }));
    EXPECT_EQ(met, Errc::unavailable);
    EXPECT_EQ((*other)->calls().find(CallSessionId("c1"))->summary, "kept");
    EXPECT_TRUE((*other)->patients().insert(plain_patient("p2")));
}

}  // namespace
}  // namespace carevoice::storage::testing
