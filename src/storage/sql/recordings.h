// Recordings in SQL.
#pragma once

#include "storage/recordings.h"
#include "storage/sql/connections.h"

namespace carevoice::storage::sql {

class SqlRecordings final : public RecordingRepository {
public:
    explicit SqlRecordings(Connections& connections) : connections_(connections) {}

    Result<bool> begin(const CallSessionId& id, const CallSid& sid, WallTime now) override;
    Result<> started(const CallSessionId& id, const std::string& recording_sid) override;
    Result<> refused(const CallSessionId& id, const std::string& why, WallTime now) override;
    Result<bool> reported(const RecordingReport& report, WallTime now) override;
    Result<bool> withdraw(const CallSessionId& id, WallTime now) override;
    Result<std::int64_t> condemn(const PatientId& id) override;
    Result<std::int64_t> tidy(WallTime expired, WallTime overdue, WallTime now) override;
    Result<std::optional<Recording>> claim(const RecordingClaim& claim) override;
    Result<bool> advance(const CallSessionId& id, const std::string& worker, const RecordingStep& step,
                         WallTime now) override;
    Result<Recording> find(const CallSessionId& id) override;
    Result<std::vector<std::pair<RecordingState, std::int64_t>>> counts() override;

private:
    Connections& connections_;
};

/// Has all recordings of the patient deleted, inside the transaction of `session`. How many.
std::int64_t condemn_recordings(soci::session& session, const PatientId& id);

}  // namespace carevoice::storage::sql
