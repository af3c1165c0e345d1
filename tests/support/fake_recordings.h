// Twilio's recordings and a place to keep them, for tests: they remember what they were asked and answer as told.
#pragma once

#include "storage/recording_store.h"
#include "twilio/call_recordings.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace carevoice::tests {

class FakeCallRecordings final : public twilio::CallRecordings {
public:
    // What to answer.
    std::optional<Error> start_error;
    std::optional<Error> fetch_error;
    std::optional<Error> remove_error;
    std::string sid = "REaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    std::string audio;
    bool known = true;  ///< to find()

    // What was asked.
    std::vector<std::string> started;  ///< callback URLs
    int stopped = 0;
    int fetched = 0;
    std::vector<std::string> removed;

    async::Task<Result<std::string>> start(CallSid, std::string callback_url, Deadline) override {
        started.push_back(std::move(callback_url));
        if (start_error) co_return *start_error;
        co_return sid;
    }
    async::Task<Result<>> stop(CallSid, Deadline) override {
        ++stopped;
        co_return Result<>{};
    }
    async::Task<Result<std::string>> find(CallSid, Deadline) override {
        if (known) co_return sid;
        co_return Error{Errc::not_found, "no recording"};
    }
    async::Task<Result<std::string>> fetch(std::string, Deadline) override {
        ++fetched;
        if (fetch_error) co_return *fetch_error;
        co_return audio;
    }
    async::Task<Result<>> remove(std::string recording_sid, Deadline) override {
        removed.push_back(std::move(recording_sid));
        if (remove_error) co_return *remove_error;
        co_return Result<>{};
    }
};

class MemoryRecordingStore final : public storage::RecordingStore {
public:
    std::optional<Error> save_error;
    std::map<std::string, std::string> kept;

    [[nodiscard]] const std::string& id() const noexcept override { return id_; }
    Result<> save(const CallSessionId& call, const std::string& audio) override {
        if (save_error) return *save_error;
        kept[call.str()] = audio;
        return {};
    }
    Result<std::string> load(const CallSessionId& call) override {
        const auto found = kept.find(call.str());
        if (found == kept.end()) return Error{Errc::not_found, "not here"};
        return found->second;
    }
    Result<> remove(const CallSessionId& call) override {
        kept.erase(call.str());
        return {};
    }

private:
    std::string id_ = "memory";
};

}  // namespace carevoice::tests
