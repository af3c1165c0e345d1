#include "app/json_log.h"

#include "core/time.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace carevoice::app {

namespace {

constexpr std::size_t queue_lines = 8'192;

const char* name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return "debug";
        case LogLevel::info: return "info";
        case LogLevel::warning: return "warning";
        case LogLevel::error: return "error";
    }
    return "error";
}

}  // namespace

struct JsonLog::Impl {
    explicit Impl(LogLevel least_)
        : least(least_),
          threads(std::make_shared<spdlog::details::thread_pool>(queue_lines, 1)),
          logger(std::make_shared<spdlog::async_logger>("carevoice", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                                        threads, spdlog::async_overflow_policy::overrun_oldest)) {
        logger->set_pattern("%v");
        logger->flush_on(spdlog::level::info);
    }

    LogLevel least;
    SystemClock clock;
    std::shared_ptr<spdlog::details::thread_pool> threads;
    std::shared_ptr<spdlog::async_logger> logger;
};

JsonLog::JsonLog(LogLevel least) : impl_(std::make_unique<Impl>(least)) {
    set_log_sink(this);
}

JsonLog::~JsonLog() {
    set_log_sink(nullptr);
    impl_->logger->flush();
}

void JsonLog::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    if (level < impl_->least) return;
    boost::json::object line;
    line["time"] = format_rfc3339(impl_->clock.wall_now());
    line["level"] = name_of(level);
    line["event"] = event;
    for (const auto& field : fields) {
        if (field.is_number)
            line[field.name] = field.number;
        else
            line[field.name] = field.text;
    }
    impl_->logger->info("{}", boost::json::serialize(line));
}

}  // namespace carevoice::app
