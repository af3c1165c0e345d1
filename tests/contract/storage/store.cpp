#include "contract/storage/store.h"

#include "support/postgres_server.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <atomic>
#include <barrier>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace carevoice::storage::testing {

namespace {

class SqliteFile final : public Place {
public:
    SqliteFile() {
        std::string pattern = ::testing::TempDir() + "carevoice storage XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
        folder_ = pattern;
    }
    ~SqliteFile() override {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    SqliteFile(const SqliteFile&) = delete;
    SqliteFile& operator=(const SqliteFile&) = delete;

    [[nodiscard]] std::string url() const override { return "sqlite:" + (folder_ / "carevoice.db").string(); }

    void tamper(const std::string& sql) override {
        soci::session session(soci::sqlite3, "db=\"" + (folder_ / "carevoice.db").string() + "\"");
        session << "PRAGMA busy_timeout = 5000";
        session << "PRAGMA ignore_check_constraints = ON";
        session << sql;
    }

private:
    std::filesystem::path folder_;
};

class PostgresDatabase final : public Place {
public:
    PostgresDatabase() : url_(tests::PostgresServer::shared().create_database()) {}
    ~PostgresDatabase() override { tests::PostgresServer::shared().drop_database(url_); }
    PostgresDatabase(const PostgresDatabase&) = delete;
    PostgresDatabase& operator=(const PostgresDatabase&) = delete;

    [[nodiscard]] std::string url() const override { return url_; }
    void tamper(const std::string& sql) override { tests::PostgresServer::shared().sql(sql, url_); }

private:
    std::string url_;
};

class SqliteMemory final : public Place {
public:
    [[nodiscard]] std::string url() const override { return "sqlite::memory:"; }
    void tamper(const std::string& /*sql*/) override { throw std::logic_error("nobody else can reach this database"); }
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const Store& store) {
    return out << store.name;
}

std::vector<Store> lasting_stores() {
    return {{.name = "SqliteFile", .make = [] { return std::make_unique<SqliteFile>(); }},
            {.name = "Postgres", .make = [] { return std::make_unique<PostgresDatabase>(); }}};
}

std::vector<Store> all_stores() {
    std::vector<Store> stores = lasting_stores();
    stores.push_back({.name = "SqliteMemory", .make = [] { return std::make_unique<SqliteMemory>(); }});
    return stores;
}

std::string name_of_store(const ::testing::TestParamInfo<Store>& info) {
    return info.param.name;
}

void StoreTest::add_call(const std::string& id) {
    if (!patients().find(PatientId("p1"))) {
        ASSERT_TRUE(patients().insert(plain_patient("p1")));
    }
    ASSERT_TRUE(calls().insert(plain_call(id, "p1")));
}

WallTime at(int seconds) {
    using namespace std::chrono;
    return sys_days(2026y / March / 1) + 8h + std::chrono::seconds(seconds);
}

domain::Patient plain_patient(const std::string& id) {
    using namespace std::chrono;
    domain::Patient patient;
    patient.patient_id = PatientId(id);
    patient.first_name = "Ada";
    patient.last_name = "Moreau";
    patient.date_of_birth = 1957y / March / 14;
    patient.phone = "+13125550123";
    patient.procedure = "total knee replacement";
    patient.time_zone = "America/Chicago";
    return patient;
}

domain::Patient full_patient(const std::string& id) {
    using namespace std::chrono;
    domain::Patient patient = plain_patient(id);
    patient.procedure_family = domain::ProcedureFamily::joint;
    patient.surgery_date = 2026y / February / 28;
    patient.language = "fr";
    patient.medications = {"oxycodone 5 mg", "aspirin, \"baby\"", ""};
    patient.lives_alone = true;
    patient.consents = {.calls = true, .recording = false, .voicemail = true};
    patient.caregiver = domain::Caregiver{.name = "Zoë", .phone = "+13125550124", .authorised = true};
    patient.care_team = domain::CareTeam{.name = "Ward 3", .email = "w3@example.org", .phone = "+13125550125"};
    patient.opted_out = true;
    return patient;
}

domain::Call plain_call(const std::string& id, const std::string& patient_id) {
    domain::Call call;
    call.call_session_id = CallSessionId(id);
    call.patient_id = PatientId(patient_id);
    call.created_at = at(0);
    return call;
}

domain::Call full_call(const std::string& id, const std::string& patient_id) {
    domain::Call call = plain_call(id, patient_id);
    call.call_sid = CallSid("CA" + id);
    call.call_type = domain::CallType::education;
    call.mode = domain::CallMode::stream;
    call.status = domain::CallStatus::no_answer;
    call.answered_by = domain::AnsweredBy::machine;
    call.outcome = domain::CallOutcome::voicemail;
    call.request_body = R"({"patient_id":"p1","context":{"prior":{"pain_scores":[3,5]}}})";
    call.prior_pain_scores = {3, 5};
    call.stream_token = "0123abcd";
    call.dialogue_state = R"({"step":2})";
    call.current_topic = "pain";
    call.topics = {{.topic = "pain", .state = domain::TopicState::asked},
                   {.topic = "wound", .state = domain::TopicState::skipped}};
    call.summary = "Left a message.";
    call.failure = "none";
    call.scheduled_at = at(1);
    call.answered_at = at(2) + milliseconds(345);
    call.ended_at = at(60);
    call.cost_usd = 1.0 / 3.0;
    call.retry_of = CallSessionId("first");
    call.attempt = 2;
    call.dialled_at = at(1) + milliseconds(20);
    call.plan_open = true;
    return call;
}

domain::Turn patient_turn(const std::string& text) {
    return {.sequence = 0,
            .speaker = domain::Speaker::patient,
            .topic = "pain",
            .text = text,
            .started_at = at(10),
            .ended_at = at(12),
            .confidence = 0.875,
            .audio_ms = 9'500,
            .interrupted = false};
}

domain::RaisedAlert raised(domain::AlertType type, domain::Severity severity, const std::string& words) {
    return {.type = type,
            .severity = severity,
            .evidence = {.text = words, .audio_ms = 1'200, .rule = "W1", .rule_version = 3}};
}

std::function<AlertId()> alert_ids() {
    auto next = std::make_shared<std::atomic<int>>(0);
    return [next] { return AlertId("alert-" + std::to_string(++*next)); };
}

void expect_same(const domain::Call& left, const domain::Call& right) {
    EXPECT_EQ(left.call_session_id.str(), right.call_session_id.str());
    EXPECT_EQ(left.call_sid.str(), right.call_sid.str());
    EXPECT_EQ(left.patient_id.str(), right.patient_id.str());
    EXPECT_EQ(left.call_type, right.call_type);
    EXPECT_EQ(left.mode, right.mode);
    EXPECT_EQ(left.status, right.status);
    EXPECT_EQ(left.answered_by, right.answered_by);
    EXPECT_EQ(left.outcome, right.outcome);
    EXPECT_EQ(left.request_body, right.request_body);
    EXPECT_EQ(left.prior_pain_scores, right.prior_pain_scores);
    EXPECT_EQ(left.stream_token, right.stream_token);
    EXPECT_EQ(left.dialogue_state, right.dialogue_state);
    EXPECT_EQ(left.current_topic, right.current_topic);
    EXPECT_TRUE(left.topics == right.topics);
    EXPECT_EQ(left.summary, right.summary);
    EXPECT_EQ(left.failure, right.failure);
    EXPECT_TRUE(left.created_at == right.created_at);
    EXPECT_TRUE(left.scheduled_at == right.scheduled_at);
    EXPECT_TRUE(left.answered_at == right.answered_at);
    EXPECT_TRUE(left.ended_at == right.ended_at);
    EXPECT_EQ(left.cost_usd, right.cost_usd);
    EXPECT_EQ(left.retry_of, right.retry_of);
    EXPECT_EQ(left.attempt, right.attempt);
    EXPECT_EQ(left.dialled_at, right.dialled_at);
    EXPECT_EQ(left.plan_open, right.plan_open);
}

void expect_same(const domain::Alert& left, const domain::Alert& right) {
    EXPECT_EQ(left.id.str(), right.id.str());
    EXPECT_EQ(left.call_session_id.str(), right.call_session_id.str());
    EXPECT_EQ(left.patient_id.str(), right.patient_id.str());
    EXPECT_EQ(left.type, right.type);
    EXPECT_EQ(left.severity, right.severity);
    EXPECT_TRUE(left.evidence == right.evidence);
    EXPECT_EQ(left.status, right.status);
    EXPECT_TRUE(left.raised_at == right.raised_at);
    EXPECT_TRUE(left.updated_at == right.updated_at);
    EXPECT_TRUE(left.acknowledged_at == right.acknowledged_at);
    EXPECT_EQ(left.acknowledged_by, right.acknowledged_by);
    EXPECT_EQ(left.escalation_level, right.escalation_level);
    EXPECT_TRUE(left.escalate_at == right.escalate_at);
}

void in_parallel(int count, const std::function<void(int)>& work) {
    std::barrier start(count);
    std::vector<std::jthread> threads;
    for (int index = 0; index < count; ++index) {
        threads.emplace_back([&, index] {
            start.arrive_and_wait();
            work(index);
        });
    }
}

}  // namespace carevoice::storage::testing
