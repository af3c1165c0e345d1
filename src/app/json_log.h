// Log events as JSON lines on standard error, through spdlog's asynchronous queue.
#pragma once

#include "core/log.h"

#include <memory>

namespace carevoice::app {

/// When its queue of 8,192 lines is full the oldest are dropped: logging never blocks a call.
class JsonLog final : public LogSink {
public:
    explicit JsonLog(LogLevel least);
    ~JsonLog() override;
    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace carevoice::app
