// Structured logging without naming a logger: rooms log events with fields, the program decides where they go.
//
// Events are short constant phrases ("stream opened"); fields carry ids and codes. Never a name, a phone number, a date
// of birth, spoken words, or a secret: there is no level at which patient data may be logged.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace carevoice {

enum class LogLevel { debug, info, warning, error };

struct LogField {
    LogField(std::string_view name_, std::string_view value_) : name(name_), text(value_) {}
    LogField(std::string_view name_, const char* value_) : name(name_), text(value_) {}
    LogField(std::string_view name_, const std::string& value_) : name(name_), text(value_) {}
    LogField(std::string_view name_, std::int64_t value_) : name(name_), number(value_), is_number(true) {}
    LogField(std::string_view name_, int value_) : name(name_), number(value_), is_number(true) {}
    LogField(std::string_view name_, std::size_t value_)
        : name(name_), number(static_cast<std::int64_t>(value_)), is_number(true) {}

    std::string_view name;
    std::string_view text = {};
    std::int64_t number = 0;
    bool is_number = false;
};

/// Where events go. Must be thread-safe and must not block: a full queue drops and counts.
class LogSink {
public:
    virtual ~LogSink() = default;
    virtual void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) = 0;
};

/// Installs the process's sink; nullptr (the start value) discards. The sink must outlive every later log() call.
void set_log_sink(LogSink* sink) noexcept;

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

}  // namespace carevoice
