#include "core/log.h"

#include <atomic>

namespace carevoice {

namespace {
std::atomic<LogSink*> process_sink{nullptr};
}

void set_log_sink(LogSink* sink) noexcept {
    process_sink.store(sink, std::memory_order_release);
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    if (auto* const sink = process_sink.load(std::memory_order_acquire)) sink->write(level, event, fields);
}

}  // namespace carevoice
