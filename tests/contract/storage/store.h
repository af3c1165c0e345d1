// The databases that the contract is held against, and the values that the tests store.
//
// A new implementation joins by adding its Store to all_stores() and, when it outlives its connections, to
// lasting_stores().
#pragma once

#include "storage/repositories.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace carevoice::storage::testing {

/// An empty database for one test; gone with this object.
class Place {
public:
    virtual ~Place() = default;
    [[nodiscard]] virtual std::string url() const = 0;
    /// Runs SQL behind the service's back, without checks: to break rows. Lasting stores only.
    virtual void tamper(const std::string& sql) = 0;
};

struct Store {
    std::string name;
    std::function<std::unique_ptr<Place>()> make;
};
std::ostream& operator<<(std::ostream& out, const Store& store);

std::vector<Store> all_stores();
std::vector<Store> lasting_stores();
std::string name_of_store(const ::testing::TestParamInfo<Store>& info);

/// Opens the database of the parameter.
class StoreTest : public ::testing::TestWithParam<Store> {
protected:
    void SetUp() override { open(); }

    void open() {
        database_.reset();
        auto opened = open_database(place_->url(), 4);
        ASSERT_TRUE(opened) << opened.error().detail;
        database_ = std::move(*opened);
    }

    PatientRepository& patients() { return database_->patients(); }
    CallRepository& calls() { return database_->calls(); }
    ConversationRepository& conversations() { return database_->conversations(); }
    AlertRepository& alerts() { return database_->alerts(); }
    OutboxRepository& outbox() { return database_->outbox(); }
    RecordingRepository& recordings() { return database_->recordings(); }
    AnalyticsRepository& analytics() { return database_->analytics(); }

    /// Stores the patient "p1" and one call of theirs.
    void add_call(const std::string& id);

    std::unique_ptr<Place> place_ = GetParam().make();
    std::unique_ptr<Database> database_;
};

/// The same, for what needs a database that others can reach.
class LastingStoreTest : public StoreTest {};

/// 2026-03-01T08:00:00Z and `seconds` more.
WallTime at(int seconds);

/// Every field set to something that its type can hold.
domain::Patient full_patient(const std::string& id);
/// Only what must be there.
domain::Patient plain_patient(const std::string& id);
domain::Call full_call(const std::string& id, const std::string& patient_id);
domain::Call plain_call(const std::string& id, const std::string& patient_id);
domain::Turn patient_turn(const std::string& text);
domain::RaisedAlert raised(domain::AlertType type, domain::Severity severity, const std::string& words);

/// Gives "alert-1", "alert-2" …; thread-safe.
std::function<AlertId()> alert_ids();

/// domain::Call and domain::Alert without an operator== of their own.
void expect_same(const domain::Call& left, const domain::Call& right);
void expect_same(const domain::Alert& left, const domain::Alert& right);

/// Runs `work(index)` in `count` threads that start together.
void in_parallel(int count, const std::function<void(int)>& work);

/// The code of a Result that failed; fails the test when it did not.
template <class T>
Errc code_of(const Result<T>& result) {
    if (result.has_value()) {
        ADD_FAILURE() << "expected an error";
        return Errc::internal;
    }
    return result.error().code;
}

}  // namespace carevoice::storage::testing
